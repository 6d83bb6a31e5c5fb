import type { KafkaMessage } from 'kafkajs';
import { headerText } from './inbound-record.js';

/** Types are few, but a hostile producer may invent them. */
const REMEMBERED_MAX = 10_000;

/** Whether a record's `ce_type` is accepted, undecoded; answers are remembered. */
export function typeFilter(accepts: (type: string) => boolean): (message: KafkaMessage) => boolean {
  const remembered = new Map<string, boolean>();
  return (message) => {
    const type = headerText(message.headers?.ce_type);
    const known = remembered.get(type);
    if (known !== undefined) return known;
    const accepted = accepts(type);
    if (remembered.size < REMEMBERED_MAX) remembered.set(type, accepted);
    return accepted;
  };
}

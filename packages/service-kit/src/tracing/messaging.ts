import { hash } from 'node:crypto';
import type { Attributes } from '@opentelemetry/api';

/** What spans tell of a message. */
export interface TracedMessage {
  readonly topic: string;
  readonly id?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly key?: Buffer | string | null | undefined;
  readonly partition?: number;
  readonly offset?: string;
}

/**
 * Attributes by OpenTelemetry's conventions for messaging. Values that could name a person stay out: of the key, which is
 * the aggregate's id, there is the hash that stands in `ce_path` too.
 */
export function messageAttributes(message: TracedMessage): Attributes {
  const { topic, id, correlationId, key, partition, offset } = message;
  return {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    ...(id !== undefined && { 'messaging.message.id': id }),
    ...(correlationId !== undefined && { 'messaging.message.conversation_id': correlationId }),
    ...(key !== undefined && key !== null && { 'messaging.kafka.message.key': hash('sha256', key, 'hex').slice(0, 8) }),
    ...(partition !== undefined && partition >= 0 && { 'messaging.destination.partition.id': String(partition) }),
    ...(offset !== undefined && Number(offset) >= 0 && { 'messaging.kafka.offset': Number(offset) }),
  };
}

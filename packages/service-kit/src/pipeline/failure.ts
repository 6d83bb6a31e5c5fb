import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { emit, type Emission } from '../message.js';
import { Permanent } from '../permanent.js';
import type { Failure, Item } from './item.js';
import { decisionId } from './story.js';

const STACK_CHARS_MAX = 8_000;

/** What an error means for its message. */
export function failureOf(error: unknown): Failure {
  const known = error instanceof Error ? error : new Error(String(error));
  const code = (known as { code?: unknown }).code;
  return {
    code: typeof code === 'string' ? code : 'HANDLER_FAILED',
    message: known.message.slice(0, 2_000),
    stack: known.stack?.slice(0, STACK_CHARS_MAX) ?? null,
    permanent: known instanceof Permanent || code === 'DATA_INVALID',
  };
}

/** The dead letter of a message, byte for byte as it came in. */
export function deadLetterOf(item: Item, failure: Failure, now: Date): Emission<typeof DeadLettered> {
  return emit(DeadLettered, {
    deadLetterId: decisionId(item.inbox?.id ?? item.message.id, `${item.handler.name}/dead-letter`, 0),
    handler: item.handler.name,
    reason: failure.code,
    detail: failure.message,
    stack: failure.stack,
    attempts: item.attempts + 1,
    firstFailedAt: (item.firstFailedAt ?? now).getTime(),
    lastFailedAt: now.getTime(),
    ...cameAs(item),
  });
}

/** Where a message came from and its bytes; a timer came from nowhere and is kept as JSON. */
function cameAs({ record, message }: Item) {
  const origin = { originEventId: message.id, originType: message.type };
  if (!record) {
    const messageValue = Buffer.from(JSON.stringify(message.data));
    const place = { originTopic: 'timer', originPartition: -1, originOffset: '-1' };
    return { ...origin, ...place, messageKey: Buffer.from(message.subject), messageValue, messageHeaders: {} };
  }
  const { topic, partition, offset, key, value, rawHeaders } = record;
  const place = { originTopic: topic, originPartition: partition, originOffset: offset };
  return { ...origin, ...place, messageKey: key, messageValue: value, messageHeaders: rawHeaders };
}

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
  const { record, message } = item;
  return emit(DeadLettered, {
    deadLetterId: decisionId(message.id, `${item.handler.name}/dead-letter`, 0),
    handler: item.handler.name,
    reason: failure.code,
    detail: failure.message,
    stack: failure.stack,
    attempts: item.attempts + 1,
    firstFailedAt: (item.firstFailedAt ?? now).getTime(),
    lastFailedAt: now.getTime(),
    originTopic: record?.topic ?? 'timer',
    originPartition: record?.partition ?? -1,
    originOffset: record?.offset ?? '-1',
    originEventId: message.id,
    originType: message.type,
    messageKey: record ? record.key : Buffer.from(message.subject),
    messageValue: record ? record.value : Buffer.from(JSON.stringify(message.data)),
    messageHeaders: record?.rawHeaders ?? {},
  });
}

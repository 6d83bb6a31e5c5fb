import { drawPath } from '@towpath/contracts/causal-path';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { emit, type Emission } from '../message.js';
import { Permanent } from '../permanent.js';
import type { Failure, Item } from './item.js';
import { decisionId, stepOf } from './story.js';

const STACK_CHARS_MAX = 8_000;
const NO_HEADERS = { messageHeaders: {}, otherHeaders: [] };

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
    place: placeOf(failure.stack),
    path: drawPath([...item.message.path, stepOf(item.handler.name, item.message.subject)]),
    redriveOf: item.redrive?.deadLetterId ?? null,
    keyHeld: item.handler.strict,
    attempts: (item.redrive?.attempts ?? 0) + item.attempts + 1,
    firstFailedAt: (item.firstFailedAt ?? now).getTime(),
    lastFailedAt: now.getTime(),
    ...cameAs(item),
  });
}

/** The innermost `file:line` of our own code: it helps to find the fault and, unlike the message, names no one. */
export function placeOf(stack: string | null): string | null {
  const own = stack?.split('\n').find((line) => /^\s+at /.test(line) && !/node:|node_modules\/(?!@towpath)/.test(line));
  const place = own && /((?:apps|packages)\/[^\s:)]+):(\d+):\d+/.exec(own);
  return place ? `${place[1]}:${place[2]}` : null;
}

/** Where a message came from and its bytes; a timer came from nowhere and is kept as JSON, as it was stored. */
function cameAs({ record, message, timer }: Item) {
  if (!record) {
    const origin = { originEventId: message.id, originType: message.type };
    const messageValue = Buffer.from(JSON.stringify(timer?.data ?? message.data));
    const place = { originTopic: 'timer', originPartition: -1, originOffset: '-1', originTimestamp: null };
    return { ...origin, ...place, messageKey: Buffer.from(message.subject), messageValue, ...NO_HEADERS };
  }
  // An unreadable message goes by an id of ours; what it says of itself is what people look for.
  const origin = { originEventId: record.headers['ce_id'] ?? message.id, originType: message.type };
  const { topic, partition, offset, timestamp, key, value, rawHeaders, otherHeaders = [] } = record;
  const place = {
    originTopic: topic,
    originPartition: partition,
    originOffset: offset,
    originTimestamp: timestamp,
  };
  return {
    ...origin,
    ...place,
    messageKey: key,
    messageValue: value,
    messageHeaders: rawHeaders,
    otherHeaders: otherHeaders.map(([name, bytes]) => ({ name, value: bytes })),
  };
}

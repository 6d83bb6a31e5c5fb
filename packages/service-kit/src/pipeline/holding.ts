import { DeadLetterDiscarded } from '@towpath/contracts/platform/DeadLetterDiscarded.v1';
import { decryptBytes, encryptBytes } from '@towpath/event-store/cipher';
import type { HeldFailure, HeldMessage, HeldRecord, HeldWrite, NewHeld } from '@towpath/event-store/held-types';
import type { Vault } from '@towpath/event-store/vault';
import { identityOf, laneOf, stopOf, type Decided, type Outcome, type Waiting } from './decide-group.js';
import { placeOf } from './failure.js';
import type { Failure, Item } from './item.js';

/** What a group changes among the messages that wait; the values of new ones sealed with the service's key. */
export async function heldWrites(outcome: Outcome, service: string, vault: Vault): Promise<HeldWrite[]> {
  const writes = [...outcome.decided.flatMap(writesOfDecided), ...outcome.waiting.flatMap(writesOfWaiting)];
  if (!writes.some(({ kind }) => kind === 'add')) return writes;
  const key = await keyOf(service, vault);
  return writes.map((write) => (write.kind === 'add' ? sealed(write, key) : write));
}

/** The values of messages that waited, readable again. */
export async function opened(messages: readonly HeldMessage[], service: string, vault: Vault): Promise<HeldMessage[]> {
  if (messages.length === 0) return [];
  const key = await keyOf(service, vault);
  return messages.map((message) => {
    const { eventId, record } = message;
    if (record.value === null) return message;
    return { ...message, record: { ...record, value: decryptBytes(record.value, key, contextOf(eventId)) } };
  });
}

function writesOfDecided(decided: Decided): HeldWrite[] {
  const { item, failure, events } = decided;
  const stoppedBy = stopOf(decided);
  const freed = events.filter(({ type }) => type === DeadLetterDiscarded.type);
  const frees: HeldWrite[] = freed.map(({ data }) => {
    return { kind: 'free', deadLetterId: (data as DeadLetterDiscarded).deadLetterId };
  });
  if (stoppedBy !== undefined) {
    const tried = { failure: heldFailureOf(failure!), stoppedBy, delayMs: 0 };
    if (item.held) return [{ kind: 'failed', ...item.held, ...tried }];
    return [{ ...newHeld({ item, lane: laneOf(item), delayMs: 0 }), ...tried }];
  }
  if (item.held) return [{ kind: 'done', ...item.held }, ...frees];
  return item.redrive ? [{ kind: 'free', deadLetterId: item.redrive.deadLetterId }, ...frees] : frees;
}

function writesOfWaiting(waiting: Waiting): HeldWrite[] {
  const { item, delayMs, tried } = waiting;
  if (!item.held) return [newHeld(waiting)];
  if (tried) return [{ kind: 'failed', ...item.held, delayMs, failure: heldFailureOf(tried.failure) }];
  // It waited for another try, and its handler has become queued since.
  return [{ kind: 'done', ...item.held }, newHeld(waiting)];
}

function newHeld({ item, lane, delayMs, tried }: Waiting): NewHeld {
  const { message, handler, orderKey, inbox, redrive } = item;
  return {
    kind: 'add',
    lane,
    orderKey,
    handler: handler.name,
    eventId: identityOf(item),
    fingerprint: inbox?.fingerprint ?? Buffer.alloc(0),
    type: message.type,
    correlationId: message.correlationId,
    ...originOf(item),
    retries: handler.retry.retries,
    delayMs,
    ...(tried && { failure: heldFailureOf(tried.failure) }),
    ...(redrive && { replaces: redrive.deadLetterId }),
  };
}

/** What the message is made from again: its record, its timer, or the command that redrives it. */
function originOf({ record, timer, redrive, orderKey }: Item): Pick<NewHeld, 'origin' | 'record'> {
  const came = redrive?.command ?? record;
  if (came) {
    const { rawHeaders, headers: _, ...rest } = came;
    return { origin: redrive ? 'redrive' : 'record', record: { ...rest, headers: rawHeaders } };
  }
  const value = Buffer.from(JSON.stringify(timer));
  const place = { topic: 'timer', partition: -1, offset: '-1', timestamp: timer?.dueAt.getTime() ?? 0 };
  return { origin: 'timer', record: { ...place, key: Buffer.from(orderKey), value, headers: {} } };
}

function heldFailureOf({ code, stack }: Failure): HeldFailure {
  return { code, place: placeOf(stack) };
}

function sealed(write: NewHeld, key: Buffer): NewHeld {
  const { value } = write.record;
  if (value === null) return write;
  const record: HeldRecord = { ...write.record, value: encryptBytes(value, key, contextOf(write.eventId)) };
  return { ...write, record };
}

/** A message that waits is moved to no other row. */
function contextOf(eventId: string): string {
  return `held\n${eventId}`;
}

/**
 * One key per service, not per person: rows are gone when their messages are decided, and a value that names somebody is
 * encrypted with that person's key already, but for a delivery's bytes.
 */
async function keyOf(service: string, vault: Vault): Promise<Buffer> {
  const subject = `held:${service}`;
  const key = (await vault.keysFor([subject])).get(subject);
  if (!key) throw Object.assign(new Error(`HELD_KEY_GONE: the vault has no key ${subject}`), { code: 'HELD_KEY_GONE' });
  return key;
}

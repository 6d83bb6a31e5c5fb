import { contractOf } from '@towpath/contracts/catalogue';
import type { RestoredEvent } from '@towpath/event-store/restore/restored';
import type { DomainEvent } from '@towpath/event-store/types';
import type { Decided } from './decide-group.js';
import type { Failure, Item } from './item.js';
import { decisionId } from './story.js';

/** More messages than any handler returns for one. */
const EMISSIONS_MAX = 1_000;

/** Ids that a handler gives by itself; those of decisions are of version 5. */
const OWN_ID = /^.{14}8/;

/** The events among these that this very decision led to: ids follow from cause, handler and place, or are the handler's own. */
export function ownOf(identity: string, handler: string, events: readonly RestoredEvent[]): readonly RestoredEvent[] {
  const wanted = new Map(events.map((event) => [event.id, event]));
  const own = events.filter((event) => OWN_ID.test(event.id) && event.handler === handler);
  for (const step of [handler, deadLetterStep(handler)]) {
    for (let index = 0; index < EMISSIONS_MAX && own.length < wanted.size; index += 1) {
      const found = wanted.get(decisionId(identity, step, index));
      if (found) own.push(found);
    }
  }
  return own;
}

/**
 * True when nothing is left to decide: all that the message led to stands in the store again. A handler that may append what is
 * never published, or set a timer, decides again, because that part is lost.
 */
export function isSettled({ restored, caller, handler }: Item): boolean {
  if (!restored || caller || !restored.every(({ imported }) => imported)) return false;
  const isDead = restored.some((event) => event.handler === deadLetterStep(handler.name));
  return isDead || handler.queued !== undefined || handler.emits.every(({ kind }) => kind !== 'internal');
}

/**
 * The decision with what was published as it was, and without what stands in the store already; or the failure `RESTORE_DIVERGED` when
 * it does not come to the messages that are out. Their content stays what others have read: a decision may tell of rows that others
 * write, and the order in which it found them is known only as far as it was published. What a service decides by itself is
 * taken as it is: nobody waits to try it again, and the relay compares.
 */
export function heldAgainst(item: Item, decided: Decided): Decided | Failure {
  const before = new Map(item.restored!.map((event) => [event.id, event]));
  const published = decided.events.filter(({ type }) => contractOf(type).kind !== 'internal');
  const same = published.filter((event) => isSame(event, before.get(event.id)));
  if (!item.caller && (same.length < published.length || same.length < before.size)) {
    return diverged(item, published, same);
  }
  const asBefore = new Map(same.map(({ id }) => [id, withoutPlace(before.get(id)!)]));
  const lost = decided.events.filter(({ id }) => before.get(id)?.imported !== true);
  return { ...decided, events: lost.map((event) => asBefore.get(event.id) ?? event), asBefore };
}

function isSame(event: DomainEvent, before: RestoredEvent | undefined): boolean {
  return before?.stream === event.stream && before.type === event.type;
}

function withoutPlace({ id, stream, type, data, metadata, occurredAt }: RestoredEvent): DomainEvent {
  return { id, stream, type, data, metadata, occurredAt };
}

function diverged(item: Item, published: readonly DomainEvent[], same: readonly DomainEvent[]): Failure {
  const differing = published.filter((event) => !same.includes(event)).map(({ type }) => type);
  const known = new Set(published.map(({ id }) => id));
  const missing = item.restored!.filter(({ id }) => !known.has(id)).map(({ type }) => type);
  const message =
    `decided again after a restore, it does not come to what is published: ${listOf(differing)} instead, ` +
    `nothing in place of ${listOf(missing)}`;
  return { code: 'RESTORE_DIVERGED', message, stack: null, permanent: false };
}

function listOf(types: readonly string[]): string {
  return types.length === 0 ? 'none' : types.join(', ');
}

function deadLetterStep(handler: string): string {
  return `${handler}/dead-letter`;
}

import { sealEvent } from './chain.js';
import type { Statement } from './connection.js';
import { StoreRefusal } from './errors.js';
import { heldValue } from './held.js';
import { bytesArray, hexArray, nullableTextArray, plainArray, textArray } from './literals.js';
import type { TextValue } from './text-query.js';
import type { Appended, Committed, GroupCommit, NewEvent, RowWrite } from './types.js';

const groupParameters = 16;

/** The statement of `commitGroup`. */
export function commitGroupStatement(schema: string): Statement {
  return {
    name: 'commit_group',
    text: `select ${schema}.commit_group(${parameters(groupParameters)})`,
  };
}

/** A group in the order of the SQL function's parameters: messages and events as parallel arrays, the rest by name. */
export function groupValues(commit: GroupCommit): TextValue[] {
  // In this order, as below, two groups that touch the same rows wait for each other instead of deadlocking.
  const inbox = [...(commit.inbox ?? [])].sort((a, b) => compare(a.eventId, b.eventId) || compare(a.day, b.day));
  const marked = inbox.some((row) => row.mark);
  const events = commit.events ?? [];
  const order = byStream(events);
  return [
    commit.consumer,
    textArray(inbox.map((row) => row.eventId)),
    plainArray(inbox.map((row) => row.day)),
    bytesArray(inbox.map((row) => row.fingerprint)),
    marked ? nullableTextArray(inbox.map((row) => row.mark?.key ?? null)) : null,
    marked ? plainArray(inbox.map((row) => row.mark?.sequence ?? null)) : null,
    ...eventValues(order ? order.map((place) => events[place]!) : events),
    order ? plainArray(order.map((place) => place + 1)) : null,
    restValue(commit),
  ];
}

/** What only some groups have; null when this one has none of it. */
function restValue(commit: GroupCommit): string | null {
  const { rows = [], timers = [], cancelledTimers = [], firedTimers = [], held = [], repeats = [] } = commit;
  const removedTimers = [...cancelledTimers, ...firedTimers];
  const lists = { rows, timers, removedTimers, held, repeats };
  const present = Object.entries(lists).filter(([, list]) => list.length > 0);
  if (present.length === 0) return null;
  const sorted = rows.map(rowValue).sort((a, b) => compare(a.name, b.name) || compare(a.key, b.key));
  return JSON.stringify({
    ...Object.fromEntries(present),
    ...(rows.length > 0 && { rows: sorted }),
    ...(held.length > 0 && { held: held.map(heldValue) }),
  });
}

function rowValue({ name, key, expectedVersion, state }: RowWrite) {
  return { name, key, expected: expectedVersion, state };
}

/** The places of the events when they are sorted by stream, each stream's own order kept; undefined when that is how they stand. */
function byStream(events: readonly NewEvent[]): number[] | undefined {
  if (events.every((event, place) => place === 0 || events[place - 1]!.stream <= event.stream)) return undefined;
  return events.map((_, place) => place).sort((a, b) => compare(events[a]!.stream, events[b]!.stream) || a - b);
}

function eventValues(events: readonly NewEvent[]): TextValue[] {
  const sealed = events.map(sealEvent);
  return [
    plainArray(events.map((event) => event.id)),
    textArray(events.map((event) => event.stream)),
    plainArray(events.map((event) => event.expectedVersion ?? null)),
    textArray(events.map((event) => event.type)),
    jsonList(sealed.map((event) => event.data)),
    jsonList(sealed.map((event) => event.metadata)),
    hexArray(sealed.map((event) => event.digest)),
    plainArray(sealed.map((event) => event.occurredAt)),
  ];
}

/** What a commit gave, from the function's answer; the events in the order of the commit. */
export function committedOf(commit: GroupCommit, row: readonly (string | null)[] | undefined): Committed {
  const [rowVersion, ...words] = (row?.[0] ?? '').split(' ');
  const events = commit.events ?? [];
  const order = byStream(events);
  const appended: Appended[] = [];
  for (let at = 0; at < events.length; at++) {
    const place = order?.[at] ?? at;
    const [version, hash] = [Number(words[2 * at]), Buffer.from(words[2 * at + 1]!, 'hex')];
    appended[place] = { stream: events[place]!.stream, version, hash };
  }
  return { events: appended, rowVersion: Number(rowVersion) };
}

/** A message twice in one group would look like another replica's work for ever. */
export function refuseTwins(commit: GroupCommit): void {
  const seen = new Set<string>();
  for (const { eventId, day } of commit.inbox ?? []) {
    const id = `${day} ${eventId}`;
    if (seen.has(id))
      throw new StoreRefusal('INBOX_ROW_TWICE', `${eventId} is twice in one group; drop repeats before the commit`);
    seen.add(id);
  }
}

function jsonList(values: readonly string[]): string {
  return `[${values.join(',')}]`;
}

function parameters(count: number): string {
  return Array.from({ length: count }, (_, index) => `$${index + 1}`).join(', ');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

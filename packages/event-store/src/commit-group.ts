import { sealEvent } from './chain.js';
import type { Statement } from './connection.js';
import { StoreRefusal } from './errors.js';
import { bytesArray, parseBytesArray, parseNumberArray, plainArray, textArray, timeArray } from './literals.js';
import type { Appended, Committed, GroupCommit, NewEvent } from './types.js';

const eventParameters = 8;
const groupParameters = 25;

/** The statement of `append`. */
export function appendStatement(schema: string): Statement {
  return { name: 'append', text: `select versions, hashes from ${schema}.append(${parameters(eventParameters)})` };
}

/** The statement of `commitGroup`. */
export function commitGroupStatement(schema: string): Statement {
  return {
    name: 'commit_group',
    text: `select versions, hashes, row_version from ${schema}.commit_group(${parameters(groupParameters)})`,
  };
}

/** The events as parallel arrays, in the order of the SQL function's parameters. */
export function eventValues(events: readonly NewEvent[]): unknown[] {
  const sealed = events.map(sealEvent);
  return [
    plainArray(events.map((event) => event.id)),
    textArray(events.map((event) => event.stream)),
    plainArray(events.map((event) => event.expectedVersion ?? null)),
    textArray(events.map((event) => event.type)),
    jsonList(sealed.map((event) => event.data)),
    jsonList(sealed.map((event) => event.metadata)),
    bytesArray(sealed.map((event) => event.digest)),
    timeArray(events.map((event) => event.occurredAt)),
  ];
}

/** A group as parallel arrays, in the order of the SQL function's parameters. */
export function groupValues(commit: GroupCommit): unknown[] {
  const { inbox = [], repeats = [], events = [], timers = [] } = commit;
  // Rows are updated in this order: two groups that touch the same rows wait for each other instead of deadlocking.
  const rows = [...(commit.rows ?? [])].sort((a, b) => compare(a.name, b.name) || compare(a.key, b.key));
  return [
    commit.consumer,
    textArray(inbox.map((row) => row.eventId)),
    plainArray(inbox.map((row) => row.day)),
    bytesArray(inbox.map((row) => row.fingerprint)),
    textArray(repeats.map((row) => row.eventId)),
    plainArray(repeats.map((row) => row.day)),
    plainArray(repeats.map((row) => row.count)),
    ...eventValues(events),
    textArray(rows.map((row) => row.name)),
    textArray(rows.map((row) => row.key)),
    plainArray(rows.map((row) => row.expectedVersion)),
    JSON.stringify(rows.map((row) => row.state)),
    plainArray(timers.map((timer) => timer.id)),
    timeArray(timers.map((timer) => timer.dueAt)),
    textArray(timers.map((timer) => timer.type)),
    JSON.stringify(timers.map((timer) => timer.data)),
    JSON.stringify(timers.map((timer) => timer.metadata)),
    plainArray([...(commit.cancelledTimers ?? []), ...(commit.firedTimers ?? [])]),
  ];
}

/** Versions and hashes of the events from the function's answer. */
export function appendedOf(events: readonly NewEvent[], row: readonly (string | null)[] | undefined): Appended[] {
  const versions = parseNumberArray(row?.[0] ?? null);
  const hashes = parseBytesArray(row?.[1] ?? null);
  return events.map((event, index) => ({ stream: event.stream, version: versions[index]!, hash: hashes[index]! }));
}

/** What a commit gave, from the function's answer. */
export function committedOf(commit: GroupCommit, row: readonly (string | null)[] | undefined): Committed {
  return { events: appendedOf(commit.events ?? [], row), rowVersion: Number(row?.[2]) };
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

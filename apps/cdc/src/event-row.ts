import type { ChangedRow } from './pgoutput.js';

/** The columns of a store's `events` table that a message needs, and the one of the heartbeat. */
export const wantedColumns: ReadonlySet<string> = new Set([
  'position',
  'stream',
  'version',
  'id',
  'type',
  'kind',
  'data',
  'metadata',
  'occurred_at',
  'digest',
  'hash',
  'archived_at',
  'safe_xid',
  'beat_at',
]);

/** One stored event as it came through the slot, in Postgres' text forms. */
export interface EventRow {
  /** the schema it stands in, which is the service that appended it: not claimed by the row, so not to be forged */
  readonly schema: string;
  /** place in the schema's log, a decimal string */
  readonly position: string;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  /** JSON text */
  readonly data: string;
  /** JSON text */
  readonly metadata: string;
  /** such as `2026-01-31 12:00:00.123+00`: ISO style, UTC */
  readonly occurredAt: string;
  /** hexadecimal; empty for a row that was parked before they were kept */
  readonly digest: string;
  readonly hash: string;
}

/** What a changed row is to the relay. */
export type Change =
  | { readonly tag: 'event'; readonly row: EventRow }
  | { readonly tag: 'heartbeat'; readonly safeXid: string; readonly beatAt: number }
  /** a stored event was changed behind the triggers' back; the message of the first version is out already */
  | { readonly tag: 'tampered'; readonly row: EventRow }
  | { readonly tag: 'none' };

const none: Change = { tag: 'none' };

/** Sorts a row of the publication: an event to publish, the relay's own heartbeat, or nothing of ours. */
export function changeOf({ change, schema, table, values }: ChangedRow): Change {
  if (table === 'events') {
    // Its content left the store after its time; that nothing else may change is the store's trigger's to hold.
    if (change === 'update' && values['archived_at']) return none;
    if (change === 'update') return { tag: 'tampered', row: eventRowOf(schema, values) };
    // The publication's row filter leaves internal events out; one that lost its filter must not leak them.
    if (values['kind'] === 'internal') return none;
    return { tag: 'event', row: eventRowOf(schema, values) };
  }
  const safeXid = values['safe_xid'];
  if (table === 'heartbeat' && schema === 'cdc' && safeXid)
    return { tag: 'heartbeat', safeXid, beatAt: timeOf(values['beat_at'] ?? '').getTime() };
  return none;
}

/** The row with these text values; both from the slot and from a query. */
export function eventRowOf(schema: string, values: Readonly<Record<string, string | null>>): EventRow {
  return {
    schema,
    position: values['position'] ?? '0',
    stream: values['stream'] ?? '',
    version: Number(values['version']),
    id: values['id'] ?? '',
    type: values['type'] ?? '',
    data: values['data'] ?? 'null',
    metadata: values['metadata'] ?? '{}',
    occurredAt: values['occurred_at'] ?? '',
    digest: hexOf(values['digest']),
    hash: hexOf(values['hash']),
  };
}

/** Postgres writes `2026-01-31 12:00:00.123456+00`, which is not ISO 8601; a Date holds milliseconds. */
export function timeOf(text: string): Date {
  return new Date(`${text.slice(0, 10)}T${text.slice(11, text.indexOf('+', 19))}Z`);
}

/** Postgres writes bytes as `\\x0a0b`. */
function hexOf(bytes: string | null | undefined): string {
  return bytes?.slice(2) ?? '';
}

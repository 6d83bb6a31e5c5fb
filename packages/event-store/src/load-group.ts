import type { Statement } from './connection.js';
import { plainArray, textArray } from './literals.js';
import { bytesOf, eventColumns, storedEventOf } from './rows.js';
import type { TextValue } from './text-query.js';
import { noUpcasters, type Upcasters } from './upcast.js';
import { rowKey, type GroupQuery, type LoadedGroup, type Snapshot } from './types.js';

/**
 * Everything a group needs, in one statement. `offset 0` keeps each look-up a look-up by index, whatever the planner
 * thinks of the table; the day bounds let it skip the inbox's other partitions.
 */
export function loadGroupStatement(schema: string, cached = false): Statement {
  const nothing = (columns: number) => Array.from({ length: columns }, () => 'null').join(', ');
  return {
    name: cached ? 'load_group_cached' : 'load_group',
    text: `select 0 as part, null::bigint as position, s.stream, null::bigint as version, null::uuid as id, null::text as type,
        null::text as kind, null::jsonb as data, null::jsonb as metadata, s.fingerprint as hash, null::timestamptz as occurred_at
      from (
        select q.id as stream, i.fingerprint from unnest($2::text[], $3::date[]) as q(id, day)
        cross join lateral (
          select n.fingerprint from ${schema}.inbox n
          where n.consumer = $1 and n.event_id = q.id and n.day = q.day and n.day between $4 and $5 offset 0
        ) i
      ) s
      union all
      select 1, ${eventColumns('e')} from unnest($6::text[]) as q(stream)
        cross join lateral (select * from ${schema}.events n where n.stream = q.stream${cached ? afterSnapshot(schema) : ''} order by n.version offset 0) e
      union all
      select 2, null, p.key, p.version, null, p.name, null, p.state, ${nothing(3)}
        from unnest($7::text[], $8::text[]) as q(name, key)
        cross join lateral (select * from ${schema}.projections n where n.name = q.name and n.key = q.key offset 0) p
      union all
      select 3, null, h.order_key, null, null, h.stopped_by, ${nothing(5)} from unnest($9::text[]) as q(key)
        cross join lateral (
          select n.order_key, n.stopped_by from ${schema}.held n
          where n.consumer = $1 and n.lane = 'inline' and n.order_key = q.key and n.head offset 0
        ) h
      union all
      select 5, (1000 * extract(epoch from clock_timestamp()))::bigint, ${nothing(9)}${
        cached
          ? `
      union all ${snapshotRows(schema)}`
          : ''
      }`,
  };
}

/** A snapshot counts only for the code that folded it, and for the very events it was folded from. */
const soundSnapshot = (schema: string): string => `s.fold = $10 and exists (
  select from ${schema}.events h where h.stream = s.stream and h.version = s.version and h.hash = s.hash)`;

function afterSnapshot(schema: string): string {
  return ` and n.version > coalesce(
    (select s.version from ${schema}.snapshots s where s.stream = q.stream and ${soundSnapshot(schema)}), 0)`;
}

function snapshotRows(schema: string): string {
  return `select 4, null, s.stream, s.version, null, null, s.state::text, null, null, s.hash, null
    from unnest($6::text[]) as q(stream) cross join lateral (
      select * from ${schema}.snapshots s where s.stream = q.stream and ${soundSnapshot(schema)} offset 0) s`;
}

/** The statement's parameters; with the fold version for the cached one. */
export function loadGroupValues(query: GroupQuery): TextValue[] {
  const days = query.ids.map((id) => id.day);
  // Not a spread: a group may be larger than a call's arguments.
  const first = days.reduce((least, day) => (day < least ? day : least), days[0] ?? '0001-01-01');
  const last = days.reduce((most, day) => (day > most ? day : most), days[0] ?? '0001-01-01');
  return [
    query.consumer,
    textArray(query.ids.map((id) => id.eventId)),
    plainArray(days),
    first,
    last,
    textArray(query.streams),
    textArray(query.rows.map((row) => row.name)),
    textArray(query.rows.map((row) => row.key)),
    textArray(query.orderKeys ?? []),
  ];
}

/** The group from the statement's rows. */
export function loadedGroupOf(
  query: GroupQuery,
  rows: readonly (readonly (string | null)[])[],
  upcasters: Upcasters = noUpcasters,
): LoadedGroup {
  const snapshots = new Map<string, Snapshot>();
  const group: LoadedGroup = { seen: new Map(), streams: new Map(), snapshots, rows: new Map(), held: new Map() };
  for (const stream of query.streams) group.streams.set(stream, []);
  for (const row of rows) {
    if (row[0] === '1') {
      const event = upcasters.event(storedEventOf(row, 1));
      group.streams.get(event.stream)?.push(event);
    } else if (row[0] === '2') {
      const found = { name: row[5]!, key: row[2]!, version: Number(row[3]), state: JSON.parse(row[7]!) as unknown };
      group.rows.set(rowKey(found), found);
    } else if (row[0] === '3') {
      group.held.set(row[2]!, row[5] ?? null);
    } else if (row[0] === '4') {
      const [stream, version] = [row[2]!, Number(row[3])];
      snapshots.set(stream, { stream, version, hash: bytesOf(row[9]!), state: JSON.parse(row[6]!) as unknown });
    } else if (row[0] === '0') {
      group.seen.set(row[2]!, bytesOf(row[9]!));
    }
  }
  const clock = rows.findLast(([part]) => part === '5');
  return clock ? { ...group, now: new Date(Number(clock[1])) } : group;
}

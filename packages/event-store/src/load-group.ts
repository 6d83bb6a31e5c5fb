import type { Statement } from './connection.js';
import { plainArray, textArray } from './literals.js';
import { bytesOf, eventColumns, storedEventOf } from './rows.js';
import { rowKey, type GroupQuery, type LoadedGroup } from './types.js';

const eventWidth = 10;

/**
 * Everything a group needs, in one statement. `offset 0` keeps each look-up a look-up by index, whatever the planner
 * thinks of the table; the day bounds let it skip the inbox's other partitions.
 */
export function loadGroupStatement(schema: string): Statement {
  const nothing = (columns: number) => Array.from({ length: columns }, () => 'null').join(', ');
  return {
    name: 'load_group',
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
        cross join lateral (select * from ${schema}.events n where n.stream = q.stream order by n.version offset 0) e
      union all
      select 2, null, p.key, p.version, null, p.name, null, p.state, ${nothing(3)}
        from unnest($7::text[], $8::text[]) as q(name, key)
        cross join lateral (select * from ${schema}.projections n where n.name = q.name and n.key = q.key offset 0) p`,
  };
}

/** The statement's parameters. */
export function loadGroupValues(query: GroupQuery): unknown[] {
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
  ];
}

/** The group from the statement's rows. */
export function loadedGroupOf(query: GroupQuery, rows: readonly (readonly (string | null)[])[]): LoadedGroup {
  const group: LoadedGroup = { seen: new Map(), streams: new Map(), rows: new Map() };
  for (const stream of query.streams) group.streams.set(stream, []);
  for (const row of rows) {
    if (row[0] === '1') {
      const event = storedEventOf(row, 1);
      group.streams.get(event.stream)?.push(event);
    } else if (row[0] === '2') {
      const found = { name: row[5]!, key: row[2]!, version: Number(row[3]), state: JSON.parse(row[7]!) as unknown };
      group.rows.set(rowKey(found), found);
    } else if (row.length > eventWidth) {
      group.seen.set(row[2]!, bytesOf(row[9]!));
    }
  }
  return group;
}

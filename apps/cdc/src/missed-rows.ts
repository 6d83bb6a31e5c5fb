import pg from 'pg';
import type { PublishedPart, SlotProgress } from './catch-up-progress.js';
import { eventRowOf, type EventRow } from './event-row.js';

/** Rows and bytes of a page; it is published and acknowledged before the next is read. */
const pageRowsMax = 1_000;
const pageBytesMax = 4_000_000;
/** Positions that one query looks at, so that its time is bounded where few of them are wanted. */
const windowPositions = 50_000;

export interface MissedPage {
  readonly rows: readonly EventRow[];
  /** everything up to it has been read */
  readonly position: bigint;
  /** the last position there is */
  readonly end: bigint;
}

/**
 * The rows of one store that may not have been published, in the order of their position, which within a stream is that of
 * its versions: those of transactions from `safeXid` on, without what an interrupted catch-up has published.
 */
export async function* missedRows(
  reader: pg.Client,
  schema: string,
  { safeXid, unfinished }: SlotProgress,
): AsyncGenerator<MissedPage> {
  const table = `${pg.escapeIdentifier(schema)}.events`;
  const { rows: ends } = await reader.query<{ last: string }>(
    `select coalesce(max(position), 0) as last from ${table}`,
  );
  const end = BigInt(ends[0]?.last ?? 0);
  const published = publishedBefore(schema, unfinished?.parts ?? []);
  let position = 0n;
  while (position < end) {
    const until = position + BigInt(windowPositions);
    const { rows } = await reader.query<Record<string, string | null>>(pageText(table, published.condition), [
      String(position),
      String(until),
      safeXid ?? '0',
      ...published.values,
    ]);
    const last = rows.at(-1)?.['position'];
    position = last != null && rows[0]?.['more'] === 'true' ? BigInt(last) : until;
    yield { rows: rows.map((values) => eventRowOf(schema, values)), position: position < end ? position : end, end };
  }
}

/** The first row always fits; `more`: the window holds rows behind this page. Ordered by the number, not by its text. */
function pageText(table: string, condition: string): string {
  return `with found as (
      select * from ${table} e where position > $1 and position <= $2 and xact >= $3::xid8 and kind <> 'internal' and archived_at is null ${condition}
      order by position limit ${pageRowsMax + 1}
    ), measured as (
      select *, row_number() over w as place, sum(pg_column_size(data)) over w as bytes from found window w as (order by position)
    ), page as (select * from measured where place = 1 or (place <= ${pageRowsMax} and bytes <= ${pageBytesMax}))
    select position::text, stream, version::text, id::text, type, data::text, metadata::text,
      to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' as occurred_at, digest::text, hash::text,
      ((select count(*) from found) > (select count(*) from page))::text as more
    from page order by page.position`;
}

/** Seen by that catch-up's snapshot and not behind where it stopped: a lower position alone says nothing, it may have committed later. */
function publishedBefore(schema: string, parts: readonly PublishedPart[]): { condition: string; values: string[] } {
  const values: string[] = [];
  const conditions = parts.map(({ snapshot, positions }) => {
    values.push(positions[schema] ?? '0', snapshot);
    const first = values.length + 2;
    return ` and not (position <= $${first} and pg_visible_in_snapshot(xact, $${first + 1}::pg_snapshot))`;
  });
  return { condition: conditions.join(''), values };
}

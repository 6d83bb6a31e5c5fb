import pg from 'pg';
import { leafColumns, type LeafRow } from '@towpath/event-store/checkpoint';

const pageRows = 1_000;

/** Which events a checkpoint takes: those of transactions from `from` on and below `before`. */
export interface Span {
  readonly from: string;
  readonly before: string;
}

/** The events of a store that a span covers, by position, a page at a time. Nothing at or below `settled` is looked at. */
export async function* rowsOf(pool: pg.Pool, schema: string, span: Span, settled: string): AsyncGenerator<LeafRow[]> {
  let after = settled;
  for (;;) {
    const { rows } = await pool.query<LeafRow>(
      `select ${leafColumns} from ${pg.escapeIdentifier(schema)}.events
       where position > $1 and xact >= $2::xid8 and xact < $3::xid8 order by events.position limit ${pageRows}`,
      [after, span.from, span.before],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < pageRows) return;
    after = rows.at(-1)!.position;
  }
}

/** How far each store was filled at one moment. */
export interface Filled {
  /** the last position, by schema */
  readonly positions: ReadonlyMap<string, string>;
  /**
   * Every transaction that has taken a position up to there is below it: `commit_group` has its transaction before its first
   * position, and positions rise.
   */
  readonly xmax: string;
}

export async function filled(pool: pg.Pool, schemas: readonly string[]): Promise<Filled> {
  const parts = schemas.map(
    (schema) =>
      `select ${pg.escapeLiteral(schema)} as schema, coalesce(max(position), 0)::text as position from ${pg.escapeIdentifier(schema)}.events`,
  );
  const { rows } = await pool.query<{ schema: string; position: string; xmax: string }>(
    `select schema, position, pg_snapshot_xmax(pg_current_snapshot())::text as xmax from (${parts.join(' union all ')}) stores`,
  );
  return { positions: new Map(rows.map(({ schema, position }) => [schema, position])), xmax: rows[0]?.xmax ?? '0' };
}

/** The cluster and timeline whose transaction ids these are. */
export async function clusterOf(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ cluster: string }>(
    "select (select system_identifier from pg_control_system()) || '/' || (select timeline_id from pg_control_checkpoint()) as cluster",
  );
  return rows[0]!.cluster;
}

import type pg from 'pg';
import type { Lease } from './lease.js';

/** Rows that an interrupted catch-up has published: those its snapshot saw, up to a position per schema. */
export interface PublishedPart {
  /** `pg_current_snapshot()` as text */
  readonly snapshot: string;
  /** by schema, decimal */
  readonly positions: Record<string, string>;
}

/** A catch-up that is not finished; it stands in `cdc.progress.detail` until it is. */
export interface UnfinishedCatchUp {
  readonly parts: readonly PublishedPart[];
}

/** What the relay knows of a slot from before. */
export interface SlotProgress {
  /** every row of a transaction below it has been published; undefined: none was ever recorded */
  readonly safeXid: string | undefined;
  readonly unfinished: UnfinishedCatchUp | undefined;
}

/** Each interruption adds a part, and the query looks at all of them; without the oldest some rows are only repeated. */
const partsMax = 8;

export async function loadProgress(pool: pg.Pool, slot: string): Promise<SlotProgress> {
  const { rows } = await pool.query<{ safe_xid: string | null; unfinished: UnfinishedCatchUp | null }>(
    `select safe_xid::text, detail -> 'catchUp' as unfinished from cdc.progress where slot = $1`,
    [slot],
  );
  return { safeXid: rows[0]?.safe_xid ?? undefined, unfinished: rows[0]?.unfinished ?? undefined };
}

/**
 * Stores how far a catch-up is; undefined: finished, the slot may be streamed from. Written before the new slot exists, so
 * that a half-done catch-up is never taken for a good slot.
 * @throws when the lease is another's: it does its own
 */
export async function storeProgress(
  pool: pg.Pool,
  lease: Lease,
  slot: string,
  unfinished: UnfinishedCatchUp | undefined,
): Promise<void> {
  const detail = unfinished ? { catchUp: { parts: unfinished.parts.slice(-partsMax) } } : null;
  await lease.whileHeld(
    pool,
    `insert into cdc.progress (slot, lsn, detail) select $3, '0/0', $4::jsonb from held
     on conflict (slot) do update set detail = excluded.detail, updated_at = clock_timestamp() returning 1`,
    [slot, detail],
  );
}

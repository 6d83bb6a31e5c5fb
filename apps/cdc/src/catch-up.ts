import type pg from 'pg';
import type { Logger } from '@towpath/service-kit/logger';
import { loadProgress, storeProgress, type SlotProgress } from './catch-up-progress.js';
import type { EventRow } from './event-row.js';
import { createFreshSlot, type FreshSlot } from './fresh-slot.js';
import type { Lease } from './lease.js';
import { missedRows } from './missed-rows.js';

/** What a catch-up works with. */
export interface CatchUpWork {
  readonly pool: pg.Pool;
  readonly lease: Lease;
  readonly databaseUrl: string;
  readonly slot: string;
  readonly publication: string;
  /** publishes the rows in order; resolves when each is acknowledged or parked */
  publish(rows: readonly EventRow[]): Promise<void>;
  onProgress(text: string): void;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** ends it; what it has stored stays */
  readonly signal: AbortSignal;
}

const logEveryMs = 5_000;

/**
 * Makes a new slot after the old one was lost and publishes what no slot holds any more: everything from `safeXid` on that
 * the new slot's snapshot sees. Nothing is left out; what was published already comes again with the same id. Killed, it
 * goes on where it was. Memory: one page.
 */
export async function catchUp(work: CatchUpWork): Promise<void> {
  const { pool, lease, slot, logger, signal } = work;
  const before = await loadProgress(pool, slot);
  await storeProgress(pool, lease, slot, before.unfinished ?? { parts: [] });
  await dropSlot(pool, lease, slot);
  work.onProgress('waits for a new slot');
  const fresh = await createFreshSlot(work.databaseUrl, slot, logger, signal);
  try {
    const rows = await publishMissed(work, before, fresh);
    await requireOwnSlot(pool, slot, fresh.consistentPoint);
    await storeProgress(pool, lease, slot, undefined);
    logger.info({ slot, rows, from_xid: before.safeXid ?? null }, 'relay.caught_up: live rows follow');
  } finally {
    await fresh.close();
  }
}

async function publishMissed(work: CatchUpWork, before: SlotProgress, fresh: FreshSlot): Promise<number> {
  const positions: Record<string, string> = {};
  const parts = before.unfinished?.parts ?? [];
  let published = 0;
  let loggedAt = performance.now();
  for (const schema of await storesOf(work.pool, work.publication)) {
    for await (const { rows, position, end } of missedRows(fresh.reader, schema, before)) {
      if (work.signal.aborted) throw new Error('the catch-up was ended');
      if (rows.length > 0) await work.publish(rows);
      published += rows.length;
      positions[schema] = String(position);
      await storeProgress(work.pool, work.lease, work.slot, {
        parts: [...parts, { snapshot: fresh.snapshot, positions }],
      });
      work.onProgress(`${published} events published, ${schema} at ${position} of ${end}`);
      if (performance.now() - loggedAt < logEveryMs) continue;
      loggedAt = performance.now();
      work.logger.info({ schema, position: String(position), end: String(end), published }, 'relay.catching_up');
    }
  }
  return published;
}

/** The schemas whose events the publication holds. */
export async function storesOf(pool: pg.Pool, publication: string): Promise<string[]> {
  const { rows } = await pool.query<{ schema: string }>(
    "select schemaname as schema from pg_publication_tables where pubname = $1 and tablename = 'events' order by 1",
    [publication],
  );
  return rows.map(({ schema }) => schema);
}

/** In the same statement as the look at the lease: one that was stopped in between must not drop its successor's. */
async function dropSlot(pool: pg.Pool, lease: Lease, slot: string): Promise<void> {
  await lease.whileHeld(
    pool,
    'select pg_drop_replication_slot(slot_name) from pg_replication_slots, held where slot_name = $3',
    [slot],
  );
}

async function requireOwnSlot(pool: pg.Pool, slot: string, consistentPoint: string): Promise<void> {
  const { rowCount } = await pool.query(
    `select from pg_replication_slots where slot_name = $1 and confirmed_flush_lsn = $2::pg_lsn and wal_status <> 'lost'`,
    [slot, consistentPoint],
  );
  if (rowCount !== 1)
    throw new Error(`slot "${slot}" was dropped, lost or replaced during the catch-up; it starts again`);
}

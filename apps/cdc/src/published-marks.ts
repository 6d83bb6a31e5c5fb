import type pg from 'pg';
import { incarnationText } from '@towpath/event-store/published';
import type { PartitionExtent } from '@towpath/kafka/admin';
import type { Lease } from './lease.js';

/**
 * Up to where the topics hold nothing but events that this database held, too, when it was written. It stands in the
 * database, so a restored one tells with it how far it has been set back.
 */
export interface PublishedMarks {
  /** by topic and partition: the offset before which nothing needs to be looked at */
  readonly offsets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** written by this very database, of this server's very run: it was not set back since */
  readonly current: boolean;
  /** by the same cluster: its transaction ids still compare */
  readonly sameCluster: boolean;
}

export async function loadMarks(pool: pg.Pool, slot: string): Promise<PublishedMarks> {
  const { rows } = await pool.query<{ offsets: PublishedMarks['offsets']; current: boolean; same_cluster: boolean }>(
    `select coalesce(published, '{}') as offsets, coalesce(incarnation = ${incarnationText}, false) as current,
       coalesce(split_part(incarnation, '/', 1) = split_part(${incarnationText}, '/', 1), true) as same_cluster
     from cdc.progress where slot = $1`,
    [slot],
  );
  const [row] = rows;
  return { offsets: row?.offsets ?? {}, current: row?.current ?? false, sameCluster: row?.same_cluster ?? true };
}

/**
 * Stores where the topics ended before this call; everything before it was committed here. `forgetSafeXid`: it counts
 * another cluster's transactions, and a catch-up from it would leave out events of this one.
 */
export async function storeMarks(
  pool: pg.Pool,
  lease: Lease,
  slot: string,
  extents: readonly PartitionExtent[],
  forgetSafeXid = false,
): Promise<void> {
  const offsets: Record<string, Record<string, string>> = {};
  for (const { topic, partition, high } of extents) offsets[topic] = { ...offsets[topic], [partition]: high };
  await lease.whileHeld(
    pool,
    `insert into cdc.progress (slot, lsn, published, published_at, incarnation)
       select $3, '0/0', $4::jsonb, clock_timestamp(), ${incarnationText} from held
     on conflict (slot) do update set published = excluded.published, published_at = excluded.published_at,
       incarnation = excluded.incarnation, behind = null, updated_at = clock_timestamp(),
       safe_xid = case when $5 then null else progress.safe_xid end returning 1`,
    [slot, offsets, forgetSafeXid],
  );
}

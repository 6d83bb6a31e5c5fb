import type pg from 'pg';
import { parseLsn } from './lsn.js';

/** Set-up is missing or undone; starting again does not help before it ran. */
export class SetupMissing extends Error {
  constructor(
    readonly code: 'PUBLICATION_MISSING' | 'SCHEMA_IDS_MISSING' | 'CHECKPOINT_KEY_UNKNOWN',
    message: string,
  ) {
    super(`${code}: ${message}`);
    this.name = 'SetupMissing';
  }
}

/** A slot that can be streamed from its confirmed position, or why it can't and a catch-up is due. */
export type SlotState = { readonly confirmed: bigint } | { readonly lost: string };

/**
 * What became of the slot since this installation last streamed from it.
 * @throws SetupMissing when there is no publication
 */
export async function slotState(pool: pg.Pool, slot: string, publication: string): Promise<SlotState> {
  const { rows } = await pool.query<{
    publication: boolean;
    wal_status: string | null;
    reason: string | null;
    confirmed: string | null;
    unfinished: boolean | null;
  }>(
    `select exists (select from pg_publication where pubname = $2) as publication, wal_status, invalidation_reason as reason,
       confirmed_flush_lsn::text as confirmed, (select detail ? 'catchUp' from cdc.progress where slot = $1) as unfinished
     from (select 1) as one left join pg_replication_slots on slot_name = $1`,
    [slot, publication],
  );
  const found = rows[0];
  if (!found?.publication) {
    throw new SetupMissing('PUBLICATION_MISSING', `publication "${publication}" does not exist: run \`towpath setup\``);
  }
  if (found.wal_status === null) return { lost: 'it does not exist' };
  if (found.wal_status === 'lost') return { lost: `Postgres gave it up (${found.reason ?? 'unknown reason'})` };
  if (found.unfinished) return { lost: 'a catch-up was interrupted' };
  return { confirmed: parseLsn(found.confirmed ?? '0/0') };
}

/**
 * Registry id per type, as set-up stored them.
 * @throws SetupMissing when none is stored
 */
export async function loadSchemaIds(pool: pg.Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ type: string; schema_id: number }>('select type, schema_id from towpath.schemas');
  if (rows.length > 0) return new Map(rows.map(({ type, schema_id }) => [type, schema_id]));
  throw new SetupMissing(
    'SCHEMA_IDS_MISSING',
    'no schema id is stored in towpath.schemas: run `towpath setup` while the registry is up',
  );
}

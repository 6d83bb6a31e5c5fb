import type pg from 'pg';
import { parseLsn } from './lsn.js';

/** Set-up is missing or undone; starting again does not help before it ran. */
export class SetupMissing extends Error {
  constructor(
    readonly code: 'SLOT_MISSING' | 'SLOT_LOST' | 'PUBLICATION_MISSING' | 'SCHEMA_IDS_MISSING',
    message: string,
  ) {
    super(`${code}: ${message}`);
    this.name = 'SetupMissing';
  }
}

/**
 * The position the slot is confirmed up to; the slot and the publication are there and usable.
 * @throws SetupMissing naming what to run. A relay that made its own slot would silently skip what was written before.
 */
export async function requireSlot(pool: pg.Pool, slot: string, publication: string): Promise<bigint> {
  const { rows } = await pool.query<{
    publication: boolean;
    wal_status: string | null;
    database: string | null;
    confirmed: string | null;
  }>(
    `select exists (select from pg_publication where pubname = $2) as publication, wal_status, database, confirmed_flush_lsn::text as confirmed
     from (select 1) as one left join pg_replication_slots on slot_name = $1`,
    [slot, publication],
  );
  const found = rows[0];
  if (!found?.publication) {
    throw new SetupMissing('PUBLICATION_MISSING', `publication "${publication}" does not exist: run \`towpath setup\``);
  }
  if (found.database === null) {
    throw new SetupMissing('SLOT_MISSING', `replication slot "${slot}" does not exist: run \`towpath setup\``);
  }
  if (found.wal_status === 'lost') {
    throw new SetupMissing(
      'SLOT_LOST',
      `replication slot "${slot}" was invalidated, so rows written since are not in it: raise max_slot_wal_keep_size, drop the slot and run \`towpath setup\``,
    );
  }
  return parseLsn(found.confirmed ?? '0/0');
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

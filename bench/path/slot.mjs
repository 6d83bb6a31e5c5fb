import pg from 'pg';

/**
 * Moves the relay's slot to the end of the write-ahead log while the relay is stopped and nothing of its own is unpublished:
 * the bare path writes gigabytes into the same log, and Postgres gives up a slot that is too far behind.
 */
export async function keepSlotClose({ env }) {
  const client = new pg.Client({ connectionString: env.ADMIN_DATABASE_URL });
  await client.connect();
  try {
    await client.query(
      `select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots
       where slot_name = 'towpath_relay' and not active`,
    );
  } finally {
    await client.end();
  }
}

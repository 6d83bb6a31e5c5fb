const DRAINED_MS_MAX = 60_000;

/** Nobody reads the write-ahead log for a while. */
export const relayAway = {
  id: 'F26',
  about: 'the relay ended for 8 s under load (--long: 120 s), then started',
  holds: 'the write-ahead log that is kept stays bounded; all of it is published within 60 s',
  async inject(world, { expect, note }) {
    await world.service('cdc').stop();
    await world.pause(world.long ? 120_000 : 8_000);
    const [{ now, kept }] = await world.inspector.query(
      `select pg_current_wal_lsn()::text as now, max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::float8 as kept
       from pg_replication_slots`,
      [],
    );
    await world.service('cdc').start();
    const startedAt = performance.now();
    // The relay confirms to Postgres what Kafka has acknowledged.
    const isDrained = async () => {
      const slots = await world.inspector.query(
        'select 1 from pg_replication_slots where active and confirmed_flush_lsn >= $1::pg_lsn',
        [now],
      );
      return slots.length > 0;
    };
    const drained = await world.until(isDrained, DRAINED_MS_MAX, 100);
    expect(drained, `not everything was published within ${DRAINED_MS_MAX / 1000} s`);
    note(`${Math.round(kept / 1024)} KiB of WAL kept, drained in ${Math.round(performance.now() - startedAt)} ms`);
  },
};

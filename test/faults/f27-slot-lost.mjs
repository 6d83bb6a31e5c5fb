const LOST_MS_MAX = 20_000;

/** The place in the write-ahead log is gone, and what was written meanwhile with it. */
export const slotLost = {
  id: 'F27',
  about: 'the relay ended, its slot dropped, and once more invalidated by its size; work goes on, the relay started',
  holds: 'the relay catches up from the tables without a gap, then goes on live',
  recoveryMsMax: 20_000,
  async inject(world, { expect, note }) {
    for (const lose of [drop, invalidate]) {
      await world.service('cdc').stop();
      await world.asAdmin(async (admin) => {
        await world.until(async () => (await activeSlots(admin)) === 0, 10_000);
        expect(await lose(world, admin), `the slot was not lost by ${lose.name}`);
      });
      await world.pause(2_000);
      await world.service('cdc').start();
      note(`lost by ${lose.name}`);
    }
  },
};

async function drop(_world, admin) {
  await admin.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots');
  return true;
}

/** Postgres gives a slot up at a checkpoint when it keeps more than allowed. */
async function invalidate(world, admin) {
  await admin.query("alter system set max_slot_wal_keep_size = '1MB'");
  await admin.query('select pg_reload_conf()');
  const lost = await world.until(
    async () => {
      await admin.query('select pg_switch_wal()');
      await admin.query('checkpoint');
      const { rows } = await admin.query("select 1 from pg_replication_slots where wal_status = 'lost'");
      return rows.length > 0;
    },
    LOST_MS_MAX,
    300,
  );
  await admin.query('alter system reset max_slot_wal_keep_size');
  await admin.query('select pg_reload_conf()');
  return lost;
}

async function activeSlots(admin) {
  const { rows } = await admin.query('select count(*)::int as n from pg_replication_slots where active');
  return rows[0].n;
}

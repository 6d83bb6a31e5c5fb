/** The database dies: one of its processes, after which it restarts itself, and then the whole. */
export const postgresKilled = {
  id: 'F7',
  about: 'SIGKILL to one backend of a service, and then to the postmaster; restarted',
  holds: 'nothing that was committed is lost; nothing uncommitted is published; all go on within 5 s',
  async inject(world, { recovers }) {
    await world.asAdmin((admin) => killBackend(world, admin));
    // It has ended all its processes and recovers from its log before it answers again.
    await world.until(() => world.positions(), 20_000);
    await recovers('SIGKILL backend of Postgres');
    world.platform.stack.kill('postgres', 'SIGKILL');
    await world.pause(1_000);
    await world.platform.stack.restart('postgres');
    await recovers('SIGKILL postmaster');
  },
};

/** Resolves when Postgres has ended the connection that this was asked on, with all others. */
async function killBackend(world, admin) {
  const { rows } = await admin.query(
    "select pid from pg_stat_activity where usename = 'fraud_service' order by pid limit 1",
  );
  process.kill(rows[0].pid, 'SIGKILL');
  const isEnded = () =>
    admin.query('select 1').then(
      () => false,
      () => true,
    );
  await world.until(isEnded, 10_000);
}

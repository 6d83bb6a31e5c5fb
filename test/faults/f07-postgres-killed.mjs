/** The database dies: one of its processes, after which it restarts itself, and then the whole. */
export const postgresKilled = {
  id: 'F7',
  about: 'SIGKILL to one backend of a service, and then to the postmaster; restarted',
  holds: 'nothing that was committed is lost; nothing uncommitted is published',
  async inject(world, { note }) {
    const [{ pid }] = await world.inspector.query(
      "select pid from pg_stat_activity where usename = 'fraud_service' order by pid limit 1",
      [],
    );
    process.kill(pid, 'SIGKILL');
    note('a backend of fraud killed');
    await world.pause(2_500);
    world.platform.stack.kill('postgres', 'SIGKILL');
    await world.pause(1_000);
    await world.platform.stack.restart('postgres');
    note('postmaster killed and started again');
  },
};

/** The database hangs, refuses new connections, and makes transactions fail that have to be tried again. */
export const postgresStuck = {
  id: 'F8',
  about:
    'tables locked for 3 s, all connections taken for 3 s, writers cancelled again and again, SIGSTOP for 5 s (--long: 30 s)',
  holds: 'bounded retries; ingress keeps answering; no half-done commit',
  async inject(world, { note }) {
    await world.asAdmin(async (admin) => {
      await admin.query('begin');
      await admin.query('lock table fraud.projections, egress.projections in exclusive mode');
      await world.pause(3_000);
      await admin.query('rollback');
      let cancelled = 0;
      for (let turn = 0; turn < 20; turn += 1) {
        const { rows } = await admin.query(
          `select count(pg_cancel_backend(pid))::int as n from pg_stat_activity
           where usename in ('triage_service', 'fraud_service', 'egress_service') and state = 'active'`,
        );
        cancelled += rows[0].n;
        await world.pause(50);
      }
      note(`${cancelled} statements cancelled`);
    });
    const postgres = world.platform.stack;
    // The postmaster accepts nobody while those that are connected are left without an answer as well.
    const stopped = postgresPids(await backends(world), postgres.pids.postgres);
    for (const pid of stopped) signal(pid, 'SIGSTOP');
    await world.pause(world.long ? 30_000 : 5_000);
    for (const pid of stopped) signal(pid, 'SIGCONT');
    note(`${stopped.length} processes of Postgres were stopped`);
  },
};

function backends(world) {
  return world.inspector.query('select pid from pg_stat_activity where pid <> pg_backend_pid()', []);
}

function postgresPids(rows, postmaster) {
  return [...rows.map(({ pid }) => pid), postmaster];
}

function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch {
    // that connection ended meanwhile
  }
}

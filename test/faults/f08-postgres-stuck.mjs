import pg from 'pg';
import { waitersOf } from './waiters.mjs';

/** Above what the server allows. */
const CONNECTIONS_MAX = 200;
/** Who waits for the first table need not hold the second: a reader does not. */
const DEADLOCK_TURNS_MAX = 5;

/** The database hangs, refuses new connections, and makes transactions fail that have to be tried again. */
export const postgresStuck = {
  id: 'F8',
  about:
    'tables locked for 3 s, writers cancelled again and again, a deadlock, all connections taken for 3 s, SIGSTOP for 5 s (--long: 30 s)',
  holds: 'bounded retries; ingress keeps answering; no half-done commit',
  async inject(world, { note, expect }) {
    await world.asAdmin((admin) => lockTables(world, admin));
    note(`${await world.asAdmin((admin) => cancelWriters(world, admin))} statements cancelled`);
    let met = false;
    for (let turn = 0; turn < DEADLOCK_TURNS_MAX && !met; turn += 1) {
      met = await world.asAdmin((admin) => deadlock(world, admin));
    }
    expect(met, `fraud never met a deadlock in ${DEADLOCK_TURNS_MAX} turns`);
    note(`${await exhaust(world, 3_000)} connections taken`);
    const postgres = world.platform.stack;
    // The postmaster accepts nobody while those that are connected are left without an answer as well.
    const stopped = postgresPids(await backends(world), postgres.pids.postgres);
    for (const pid of stopped) signal(pid, 'SIGSTOP');
    await world.pause(world.long ? 30_000 : 5_000);
    for (const pid of stopped) signal(pid, 'SIGCONT');
    note(`${stopped.length} processes of Postgres were stopped`);
  },
};

async function lockTables(world, admin) {
  await admin.query('begin');
  await admin.query('lock table fraud.projections, egress.projections in exclusive mode');
  await world.pause(3_000);
  await admin.query('rollback');
}

async function cancelWriters(world, admin) {
  let cancelled = 0;
  for (let turn = 0; turn < 20; turn += 1) {
    const { rows } = await admin.query(
      `select count(pg_cancel_backend(pid))::int as n from pg_stat_activity
       where usename in ('triage_service', 'fraud_service', 'egress_service') and state = 'active'`,
    );
    cancelled += rows[0].n;
    await world.pause(50);
  }
  return cancelled;
}

/** Wants what a transaction of fraud holds while that waits for what this one holds: Postgres ends fraud's with 40P01. */
async function deadlock(world, admin) {
  const deadlocks = async () => {
    const { rows } = await admin.query(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
    return rows[0].deadlocks;
  };
  const before = await deadlocks();
  await admin.query("set deadlock_timeout = '20s'"); // whoever looks first gives way
  await admin.query('begin');
  await admin.query('lock table fraud.projections in exclusive mode');
  await world.until(async () => (await waitersOf(admin, 'fraud')) > 0, 5_000, 10);
  await admin.query('lock table fraud.inbox in exclusive mode');
  await admin.query('rollback');
  return world.until(async () => (await deadlocks()) > before, 5_000, 100);
}

/** Takes connections until there are no more, ends those of the services so that they want new ones, and holds all for a while. */
async function exhaust(world, ms) {
  const held = [];
  const connect = async () => {
    const client = new pg.Client({ connectionString: world.platform.stack.env.ADMIN_DATABASE_URL });
    client.on('error', () => undefined);
    held.push(client);
    await client.connect();
    return client;
  };
  const first = await connect();
  await first.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'fraud_service'");
  let taken = 1;
  for (; taken < CONNECTIONS_MAX; taken += 1) {
    const ok = await connect().catch(() => undefined);
    if (!ok) break;
  }
  await world.pause(ms);
  await Promise.all(held.map((client) => client.end().catch(() => undefined)));
  return taken;
}

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

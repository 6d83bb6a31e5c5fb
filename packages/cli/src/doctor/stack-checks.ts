import { all } from '@towpath/contracts/catalogue';
import { services } from '@towpath/contracts/topics';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { verifySetup } from '@towpath/event-store/verify-setup';
import { KafkaAdmin } from '@towpath/kafka/admin';
import type { Addresses } from '../addresses.js';
import { reach } from '../delivery/post.js';
import { registryOf } from '../follow-topics.js';
import { databaseUrl, localServices } from '../local/service-environment.js';
import { quietLogger } from '../quiet-logger.js';
import { assertAnswers } from '../running-addresses.js';
import type { Check, Problem } from './check.js';

const LAG_RECORDS_MAX = 1_000;
const SLOT_LAG_BYTES_MAX = 64 * 1024 ** 2;
const CLOCK_SKEW_MS_MAX = 1_000;

const START = 'start the platform with `towpath up`';

/** Checks that ask the running parts. */
export function stackChecks(addresses: Addresses): Check[] {
  return [
    { name: 'kafka', fix: START, run: () => withAdmin(addresses, pinged) },
    { name: 'registry', fix: START, run: () => registry(addresses) },
    { name: 'topics', fix: 'run `towpath setup`', run: () => withAdmin(addresses, topics) },
    { name: 'consumer lag', fix: 'see `towpath logs --level warn`', run: () => withAdmin(addresses, lag) },
    { name: 'schema', fix: 'run `towpath setup`', run: () => schema(addresses) },
    { name: 'slot', fix: 'see `towpath logs --service cdc`', run: () => withInspector(addresses, slot) },
    {
      name: 'clock',
      fix: 'set the clock, for example with `timedatectl set-ntp true`',
      run: () => withInspector(addresses, clock),
    },
    ...localServices.map(({ name }) => ({
      name: `${name} ready`,
      fix: `see \`towpath logs --service ${name}\``,
      run: () => ready(addresses, name),
    })),
  ];
}

async function withAdmin<T>(addresses: Addresses, work: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
  // The client would try a broker that isn't there for as long as a restart takes.
  await assertAnswers(addresses, 'kafka');
  const { brokers } = addresses;
  const admin = await KafkaAdmin.connect({ brokers, clientId: 'towpath-doctor', logger: quietLogger });
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

async function withInspector<T>(addresses: Addresses, work: (inspector: Inspector) => Promise<T>): Promise<T> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    return await work(inspector);
  } finally {
    await inspector.close();
  }
}

async function pinged(admin: KafkaAdmin): Promise<string> {
  return `answers after ${Math.round(await admin.ping())} ms`;
}

async function topics(admin: KafkaAdmin): Promise<Problem[] | string> {
  const findings = await admin.verifyTopics();
  if (findings.length === 0) return 'are as topics.yaml says';
  return findings.map(({ topic, problem, fix }) => ({ detail: `${topic} ${problem}`, fix }));
}

async function lag(admin: KafkaAdmin): Promise<Problem[] | string> {
  const groups = (await admin.groups()).filter(({ groupId }) => isOurs(groupId));
  const behind = await Promise.all(
    groups.map(async ({ groupId, members }) => {
      const records = (await admin.lag(groupId)).reduce((sum, { lag }) => sum + lag, 0);
      return { groupId, members, records };
    }),
  );
  const late = behind.filter(({ records }) => records > LAG_RECORDS_MAX);
  if (late.length > 0) {
    return late.map(({ groupId, records, members }) => ({
      detail: `${groupId} (${members} members) is ${records} records behind`,
    }));
  }
  return behind.length === 0
    ? 'no groups yet'
    : behind.map(({ groupId, records }) => `${groupId} ${records}`).join(', ');
}

/** The registry and tools have groups of their own. */
function isOurs(groupId: string): boolean {
  return services().some(
    ({ name }) => groupId === name || groupId.startsWith(`${name}-`) || groupId.startsWith(`${name}.`),
  );
}

async function registry(addresses: Addresses): Promise<Problem[] | string> {
  const stores = services()
    .filter(({ store }) => store)
    .map(({ name }) => name);
  const contracts = all().filter(({ kind }) => kind !== 'internal');
  const refused = await registryOf(addresses).check(contracts, stores);
  if (refused.length === 0) return `takes all ${contracts.length} contracts`;
  return refused.map(({ subject, reason, file, fix }) => ({
    detail: `refuses ${file} under ${subject}: ${reason}`,
    fix,
  }));
}

async function schema(addresses: Addresses): Promise<Problem[] | string> {
  const stores = services().filter(({ store }) => store);
  const checks = stores.map(async ({ name }) => {
    const schemaName = name.replaceAll('-', '_');
    await verifySetup({ url: databaseUrl(addresses, `${schemaName}_service`), schema: schemaName });
    return schemaName;
  });
  return `${(await Promise.all(checks)).join(', ')} are set up`;
}

async function slot(inspector: Inspector): Promise<Problem[] | string> {
  const rows = await inspector.query<SlotRow>(
    `select active, wal_status as status, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::text as behind,
       safe_wal_size::text as safe, (select setting from pg_settings where name = 'max_slot_wal_keep_size') as kept_mb
     from pg_replication_slots where slot_name = 'towpath_relay'`,
    [],
  );
  const [found] = rows;
  if (!found) return [{ detail: 'towpath_relay does not exist: cdc makes it and catches up once it runs' }];
  const problems = slotProblems(found);
  return problems.length > 0 ? problems : `towpath_relay is read, ${found.behind} bytes behind`;
}

interface SlotRow {
  readonly active: boolean;
  readonly status: string;
  readonly behind: string | null;
  readonly safe: string | null;
  readonly kept_mb: string;
}

function slotProblems({ active, status, behind, safe, kept_mb: keptMb }: SlotRow): Problem[] {
  const problems: Problem[] = [];
  if (status === 'lost') problems.push({ detail: 'towpath_relay was given up: cdc makes a new one and catches up' });
  if (!active) problems.push({ detail: 'nobody reads towpath_relay: cdc does not run, or catches up' });
  const behindBytes = Number(behind ?? 0);
  if (behindBytes > SLOT_LAG_BYTES_MAX)
    problems.push({ detail: `towpath_relay is ${behindBytes} bytes of log behind` });
  if (keptMb === '-1') {
    problems.push({
      detail: 'the log that towpath_relay holds back has no limit and can fill the disk',
      fix: 'set max_slot_wal_keep_size, for example to 10GB',
    });
  } else if (safe !== null && Number(safe) < (Number(keptMb) * 1024 ** 2) / 2) {
    problems.push({ detail: `more than half of max_slot_wal_keep_size is used; ${safe} bytes are left` });
  }
  return problems;
}

async function clock(inspector: Inspector): Promise<Problem[] | string> {
  await inspector.query('select 1', []); // not to time the connecting
  const before = Date.now();
  const [row] = await inspector.query<{ now: Date }>('select now() as now', []);
  const middle = (before + Date.now()) / 2;
  const skew = Math.round(Math.abs(new Date(row?.now ?? 0).getTime() - middle));
  if (skew <= CLOCK_SKEW_MS_MAX) return `${skew} ms from the database's`;
  return [{ detail: `${skew} ms from the database's; signatures are good for 300 s only` }];
}

async function ready(addresses: Addresses, name: (typeof localServices)[number]['name']): Promise<Problem[] | string> {
  const url = `http://127.0.0.1:${addresses.ports[name]}/readyz`;
  const response = await reach(url, { signal: AbortSignal.timeout(3_000) });
  if (response.ok) return url;
  return [{ detail: `answers ${response.status}: ${(await response.text()).slice(0, 300)}` }];
}

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { jest } from '@jest/globals';
import { startPlatform, type LocalPlatform } from '@towpath/cli/local/platform';
import { databaseUrl, SANDBOX_ONLY } from '@towpath/cli/local/service-environment';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { chargeSucceeded } from '@towpath/testing/charges';
import { runCli } from '@towpath/testing/cli-run';
import { Deliveries, paced } from '@towpath/testing/deliveries';
import { deadLetters, effectsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, lockPlatform, nestedHome } from '@towpath/testing/platform-fixture';
import { ServerFiles } from '@towpath/testing/set-back';
import { unusedPorts } from '@towpath/testing/shared-ports';
import { recordsSince } from '@towpath/testing/topics';
import { untilEnough } from '@towpath/testing/until';

const PAYMENTS = 20;
const CUSTOMERS = 8;
const SEEN_MS_MAX = 60_000;
const DAY_MS = 86_400_000;
/** What a payment goes through. */
const SERVICES = ['sandbox', 'cdc', 'triage', 'fraud', 'egress', 'ingress'] as const;
const TOPICS = [
  'payments.events',
  'payments.commands',
  'fraud.events',
  'fraud.commands',
  'egress.events',
  'reviews.events',
];

jest.setTimeout(ATTACH_MS_MAX + 300_000);

const run = `restore${randomBytes(4).toString('hex')}`;
const chargesBegan = Date.now() - 10 * DAY_MS;
let platform: LocalPlatform;
let inspector: Inspector;
let unlock: () => void;

/** Some approved, some held for a person, some blocked; by customers that the backup knows. */
function payment(n: number) {
  const risk = n % 5 === 2 ? { risk: 'highest' } : {};
  const country = n % 10 === 7 ? { risk: 'highest', cardCountry: 'BR' } : {};
  const chargedAt = new Date(chargesBegan + n * 60_000);
  return chargeSucceeded({
    id: `${run}_${n}`,
    customer: `cus_${run}_${n % CUSTOMERS}`,
    chargedAt,
    ...risk,
    ...country,
  });
}

interface Stored {
  readonly schema: string;
  readonly stream: string;
  readonly version: string;
  readonly id: string;
  readonly type: string;
  readonly kind: string;
  readonly digest: string;
}

async function stored(): Promise<Stored[]> {
  const parts = ['triage', 'fraud', 'egress'].map(
    (
      schema,
    ) => `select '${schema}' as schema, stream, version::text, id::text, type, kind, encode(digest, 'hex') as digest from ${schema}.events
      where type <> 'ops.v1.OperationRecorded'`,
  );
  return inspector.query<Stored>(`select * from (${parts.join(' union all ')}) e order by schema, stream, version`, []);
}

async function send(from: number, to: number): Promise<void> {
  const deliveries = new Deliveries(platform);
  const numbers = Array.from({ length: to - from }, (_, n) => from + n);
  await paced(numbers, 20, (n) => deliveries.sendLikeStripe(payment(n).body));
}

/** Every payment decided, every effect ended. */
async function settled(payments: number): Promise<void> {
  await untilEnough(
    () =>
      inspector.query<{ decided: string; open: string }>(
        `select (select count(*) from fraud.events where type in ('fraud.v1.PaymentApproved', 'fraud.v1.PaymentHeldForReview', 'fraud.v1.PaymentBlocked')) as decided,
           (select count(*) from egress.projections where name = 'open-effects') +
           (select count(*) from fraud.events f where type in ('fraud.v1.PaymentApproved', 'fraud.v1.PaymentBlocked') and not exists (
             select from egress.events e where e.type = 'egress.v1.EffectConfirmed' and e.data ->> 'subjectId' = f.data ->> 'paymentId'
               and exists (select from fraud.inbox i where i.event_id = e.id::text))) as open`,
        [],
      ),
    ([row]) => Number(row?.decided) >= payments && Number(row?.open) === 0,
    SEEN_MS_MAX,
  );
}

async function stopServices(): Promise<void> {
  await Promise.all([...platform.services.values()].map((service) => service.stop()));
  await inspector.close();
}

async function startServices(): Promise<void> {
  inspector = openInspector({ url: databaseUrl(platform.around, 'towpath_reader') });
  for (const service of platform.services.values()) await service.launch();
}

function restore(...words: string[]) {
  const { home, around } = platform;
  return runCli(['doctor', 'restore', '--reason', 'drill', ...words, '--json'], {
    home,
    ports: around.ports,
    msMax: 120_000,
  });
}

/** Ids that a topic holds with different contents. */
async function contentsById(): Promise<string[]> {
  const digests = new Map<string, Set<string>>();
  for (const topic of TOPICS) {
    for (const { headers } of await recordsSince(platform, topic, new Date(0))) {
      const id = headers['ce_id'] ?? '';
      digests.set(id, (digests.get(id) ?? new Set()).add(headers['ce_digest'] ?? ''));
    }
  }
  return [...digests].filter(([, { size }]) => size > 1).map(([id]) => id);
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a database that was set back', () => {
  beforeAll(async () => {
    unlock = await lockPlatform();
    const home = nestedHome('restore');
    rmSync(home, { recursive: true, force: true });
    const ports = await unusedPorts();
    platform = await startPlatform({ home, ports, services: SERVICES, environment: SANDBOX_ONLY });
    inspector = openInspector({ url: databaseUrl(platform.around, 'towpath_reader') });
  }, ATTACH_MS_MAX);

  afterAll(async () => {
    // Closed already when the spec ended while the services were stopped.
    await inspector?.close().catch(() => undefined);
    try {
      await platform?.stop();
    } finally {
      unlock?.();
    }
  }, 60_000);

  it('holds again what it held, decides nothing a second time and moves no money twice', async () => {
    const files = new ServerFiles(platform);
    await send(0, PAYMENTS / 2);
    await settled(PAYMENTS / 2);
    await stopServices();
    await files.backUp();
    await startServices();
    await send(PAYMENTS / 2, PAYMENTS);
    await settled(PAYMENTS);
    const before = await stored();
    const effects = effectsOf(platform.home, `pi_${run}`);
    await stopServices();
    await files.setBack();

    const looked = await restore('--dry-run');
    expect(looked).toMatchObject({ code: 1 });
    const restored = await restore();
    // Interrupted or not, again it changes nothing that is in place.
    expect(linesOf((await restore()).stdout).find(({ phase }) => phase === 'before')).toMatchObject({
      imported: 0,
      decidedAgain: linesOf(looked.stdout).find(({ phase }) => phase === 'before')?.['decidedAgain'],
    });
    const after = linesOf(restored.stdout).find(({ phase }) => phase === 'after');
    expect(after).toMatchObject({ person: 0, keysLost: 0 });
    await startServices();
    await settled(PAYMENTS);
    const seen = await untilEnough(
      () => restore('--dry-run'),
      ({ code }) => code === 0,
      SEEN_MS_MAX,
      1_000,
    );
    expect(linesOf(seen.stdout)).toMatchObject([{ phase: 'before', missing: 0 }]);
    await Promise.all([...platform.services.values()].map((service) => service.ready()));

    const now = await stored();
    const identity = ({ digest: _, ...event }: Stored) => event;
    expect(now.map(identity)).toEqual(before.map(identity));
    const published = (events: Stored[]) => events.filter(({ kind }) => kind !== 'internal');
    expect(published(now)).toEqual(published(before));
    expect(effectsOf(platform.home, `pi_${run}`)).toEqual(effects);
    expect(await deadLetters(inspector)).toBe(0);
    expect(await contentsById()).toEqual([]);

    await untilEnough(restore, ({ stdout }) => stdout.includes('settled'), SEEN_MS_MAX, 1_000);
    const noted = ['triage', 'fraud', 'egress'].map((schema) => `select from ${schema}.restored`);
    expect(await inspector.query(noted.join(' union all '), [])).toEqual([]);
    const operations = await inspector.recent({ schema: 'triage', type: 'ops.v1.OperationRecorded', limit: 10 });
    expect(operations.map(({ data }) => (data as { phase: string }).phase)).toEqual(
      expect.arrayContaining(['intended', 'done']),
    );
  });
});

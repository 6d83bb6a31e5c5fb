import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { chargeSucceeded } from '@towpath/testing/charges';
import { runCli, type CliRun } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';
import pg from 'pg';

const SEEN_MS_MAX = 30_000;
const CLI_MS_MAX = 60_000;
const IP = '203.0.113.77';

jest.setTimeout(240_000);

const run = `time${randomBytes(4).toString('hex')}`;
const stream = `fraud-case-pi_${run}`;
let platform: TestPlatform;

interface Step {
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly cause: { readonly id: string; readonly type?: string; readonly service?: string };
  readonly data: Readonly<Record<string, unknown>>;
  readonly changes: readonly { readonly path: string; readonly before?: unknown; readonly after?: unknown }[];
}

interface End {
  readonly service: string;
  readonly version: number;
  readonly folded: boolean;
  readonly state: Readonly<Record<string, unknown>>;
}

beforeAll(async () => {
  platform = await attachPlatform();
  const { body } = chargeSucceeded({ id: run, customer: `cus_${run}`, risk: 'highest', ip: IP });
  await new Deliveries(platform).sendLikeStripe(body);
  await untilEnough(
    () => decisionsOf(platform.inspector, `pi_${run}`),
    ({ length }) => length > 0,
    SEEN_MS_MAX,
  );
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

function towpath(...words: string[]): Promise<CliRun> {
  return runCli(words, { home: platform.home, ports: platform.around.ports, msMax: CLI_MS_MAX });
}

async function history(...words: string[]): Promise<{ steps: Step[]; end: End }> {
  const { code, stdout, stderr } = await towpath('history', ...words, '--json');
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.trim().split('\n');
  const steps = lines.slice(0, -1).map((line) => JSON.parse(line) as Step);
  return { steps, end: JSON.parse(lines.at(-1)!) as End };
}

describe('the history of a stream', () => {
  it('gives each event in order, what it changed, its cause, and the state that the service decides from', async () => {
    const { steps, end } = await history(stream);
    expect(steps.map(({ version }) => version)).toEqual(steps.map((_, at) => at + 1));
    expect(steps[0]).toMatchObject({ type: 'fraud.v1.FraudCaseOpened' });
    expect(steps[0]!.cause).toMatchObject({ type: 'payments.v1.ChargeSucceeded', service: 'triage' });
    const held = steps.find(({ type }) => type === 'fraud.v1.PaymentHeldForReview')!;
    expect(held.changes).toContainEqual({ path: 'decision', after: 'held' });
    expect(end).toMatchObject({ service: 'fraud', version: steps.length, folded: true, state: { decision: 'held' } });
  });

  it('gives the state as of a version and as of an instant', async () => {
    const { steps } = await history(stream);
    const at = steps.findIndex(({ type }) => type === 'fraud.v1.PaymentHeldForReview');
    const early = await history(stream, '--version', String(at));
    expect(early.steps).toHaveLength(at);
    expect(early.end.state).not.toHaveProperty('decision');
    const then = await history(stream, '--at', steps[0]!.occurredAt);
    expect(then.steps.map(({ occurredAt }) => occurredAt)).toEqual(
      steps.filter(({ occurredAt }) => occurredAt <= steps[0]!.occurredAt).map(({ occurredAt }) => occurredAt),
    );
    expect((await history(stream, '--last', '1')).steps).toEqual(steps.slice(-1));
  });

  it('says clearly what is wrong with what was asked', async () => {
    const before = await towpath('history', stream, '--at', '2020-01-01T00:00:00Z');
    expect([before.code, before.stderr]).toEqual([1, expect.stringContaining('NOT_YET')]);
    const nothing = await towpath('history', 'fraud-case-none');
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('STREAM_NOT_FOUND')]);
    const both = await towpath('history', stream, '--at', '1m', '--version', '1');
    expect(both.code).toBe(2);
  });

  it('masks personal data unless it is revealed, which is recorded', async () => {
    const payment = `payment-pi_${run}`;
    const masked = await towpath('history', payment, '--service', 'triage', '--data');
    expect(masked.stdout).toContain('‹masked›');
    expect(masked.stdout).not.toContain(IP);
    const revealed = await towpath('history', payment, '--service', 'triage', '--reveal', '--reason', 'spec');
    expect(revealed.stdout).toContain(IP);
    const recorded = await platform.inspector.query(
      `select data from triage.events where type = 'ops.v1.OperationRecorded' and data ->> 'target' = $1`,
      [`stream ${payment}`],
    );
    expect(recorded).toMatchObject([{ data: { verb: 'reveal', reason: 'spec' } }]);
  });

  it('leads to the causes and consequences of each event', async () => {
    const { steps } = await history(stream);
    const opened = steps.find(({ type }) => type === 'fraud.v1.FraudCaseOpened')!;
    const { stdout } = await towpath('trace', opened.cause.id, '--json');
    const { relations } = JSON.parse(stdout) as { relations: Record<string, string> };
    expect(relations[opened.cause.id]).toBe('asked');
    expect(relations[opened.id]).toBe('consequence');
    const back = JSON.parse((await towpath('trace', opened.id, '--json')).stdout) as { relations: object };
    expect(back.relations).toMatchObject({ [opened.cause.id]: 'cause', [opened.id]: 'asked' });
  });
});

describe('a projection', () => {
  const account = `cus_${run}`;

  it('equals a replay of its events, and is mended by a rebuild, on the record, when somebody spoilt it', async () => {
    const equal = await towpath('projections', 'check', '--service', 'fraud', '--json');
    expect([equal.code, equal.stderr]).toEqual([0, '']);

    await asAdmin(`update fraud.projections set state = '{"open": []}' where name = 'accounts' and key = $1`, [
      account,
    ]);
    const dry = await towpath(
      'projections',
      'rebuild',
      'accounts',
      '--service',
      'fraud',
      '--dry-run',
      '--reason',
      'spec',
      '--json',
    );
    expect(dry.code).toBe(1);
    const found = JSON.parse(dry.stdout) as { different: number; examples: { key: string }[] };
    expect([found.different, found.examples[0]!.key]).toEqual([1, account]);

    const rebuilt = await towpath(
      'projections',
      'rebuild',
      'accounts',
      '--service',
      'fraud',
      '--reason',
      'spec',
      '--json',
    );
    expect([rebuilt.code, JSON.parse(rebuilt.stdout)]).toMatchObject([0, { different: 1, swapped: 1 }]);
    const recorded = await platform.inspector.query<{ phase: string }>(
      `select data ->> 'phase' as phase from triage.events
       where type = 'ops.v1.OperationRecorded' and data ->> 'verb' = 'projections rebuild' order by position desc limit 2`,
      [],
    );
    expect(recorded.map(({ phase }) => phase)).toEqual(['done', 'intended']);
    expect((await towpath('projections', 'check', 'accounts', '--service', 'fraud')).code).toBe(0);
  });

  it('is shown as of an instant', async () => {
    const now = await towpath(
      'projections',
      'show',
      'accounts',
      '--service',
      'fraud',
      '--key',
      account,
      '--at',
      new Date().toISOString(),
      '--json',
    );
    const live = await towpath('projections', 'show', 'fraud/accounts', '--key', account, '--json');
    expect(JSON.parse(now.stdout)).toMatchObject({ state: (JSON.parse(live.stdout) as { state: object }).state });
    const before = await towpath(
      'projections',
      'show',
      'accounts',
      '--service',
      'fraud',
      '--key',
      account,
      '--at',
      '2020-01-01T00:00:00Z',
      '--json',
    );
    expect([before.code, before.stdout]).toEqual([0, '']);
  });
});

async function asAdmin(text: string, values: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: platform.around.stack.ADMIN_DATABASE_URL });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
}

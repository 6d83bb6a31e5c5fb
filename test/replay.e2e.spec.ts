import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { chargeSucceeded } from '@towpath/testing/charges';
import { runCli } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { ScriptedModel } from '@towpath/testing/scripted-model/server';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;
const CLI_MS_MAX = 120_000;

jest.setTimeout(240_000);

const startedAt = new Date();
const run = `replay${randomBytes(4).toString('hex')}`;
const payments = [1, 2, 3].map((n) => `pi_${run}_${n}`);
/** Of a customer of its own: 215 EUR on a foreign card. The learned points hold it, those that were set by hand approve it. */
const open = `pi_${run}_open`;
/** Never frozen: to unfreeze it is a dead letter then and now. */
const neverFrozen = `cus_${run}_open`;
/** Of the highest risk, as its provider says: held, but so that an opinion turns it. */
const risky = payments[1]!;
const TRUSTING = 'The risk level of the provider alone is no reason for doubt.';
let platform: TestPlatform;
/** What other specs did before is not in its window. */
let attachedAt: Date;
let model: ScriptedModel;

interface Replayed {
  readonly same: number;
  readonly differs: number;
  readonly failed: number;
  readonly routed: boolean;
  readonly verdicts: readonly { readonly service: string; readonly handler: string; readonly verdict: string }[];
}

beforeAll(async () => {
  platform = await attachPlatform();
  attachedAt = new Date();
  model = await ScriptedModel.start();
  const deliveries = new Deliveries(platform);
  // Of one customer: later decisions look at rows that earlier ones wrote. Without an address the provider is asked first.
  for (const [n, risk] of (['normal', 'highest', 'normal'] as const).entries()) {
    const { body } = chargeSucceeded({ id: `${run}_${n + 1}`, customer: `cus_${run}`, risk });
    await deliveries.sendLikeStripe(body);
  }
  const grey = { cardCountry: 'US', amountMinor: 21_500 };
  await deliveries.sendLikeStripe(chargeSucceeded({ id: `${run}_open`, customer: `cus_${run}_open`, ...grey }).body);
  await deliveries.sendCommand('UnfreezeAccount', { accountId: neverFrozen, reason: 'ticket 12' }, `msg_${run}`);
  await untilEnough(letters, ({ length }) => length > 0, SEEN_MS_MAX);
  for (const payment of [...payments, open]) {
    await untilEnough(
      () => decisionsOf(platform.inspector, payment),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
  }
}, ATTACH_MS_MAX);

afterAll(async () => {
  await model?.stop();
  await platform?.release();
});

function letters(): Promise<{ story: string }[]> {
  const text = `select metadata ->> 'correlationId' as story from fraud.events where type like '%DeadLettered'
    and data ->> 'reason' = 'ACCOUNT_NOT_FROZEN' and occurred_at >= $1`;
  return platform.inspector.query(text, [startedAt]);
}

async function replay(id: string): Promise<{ code: number | null; replayed: Replayed }> {
  const words = ['replay', id, '--json'];
  const { code, stdout, stderr } = await runCli(words, {
    home: platform.home,
    ports: platform.around.ports,
    msMax: CLI_MS_MAX,
  });
  expect({ stderr, said: stdout !== '' }).toEqual({ stderr: '', said: true });
  return { code, replayed: JSON.parse(stdout.trim().split('\n')[0]!) as Replayed };
}

describe('the replay of a story', () => {
  it('comes to the recorded decisions, from the delivery on, in every service that had a part in it', async () => {
    for (const payment of payments) {
      const { code, replayed } = await replay(payment);
      expect(replayed.verdicts.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
      expect(replayed).toMatchObject({ differs: 0, failed: 0, routed: true });
      expect(replayed.verdicts.map(({ service }) => service)).toEqual(expect.arrayContaining(['triage', 'fraud']));
      expect(code).toBe(0);
    }
  });

  it('writes nothing: no event of any store comes of it', async () => {
    const count = async () => {
      const schemas = await platform.inspector.schemas();
      const text = schemas.map(
        (schema) => `(select count(*) from "${schema}".events where metadata ->> 'correlationId' = any($1))`,
      );
      const [row] = await platform.inspector.query<{ sum: string }>(`select (${text.join(' + ')})::text as sum`, [
        await storyIds(),
      ]);
      return Number(row?.sum);
    };
    const before = await count();
    await replay(payments[0]!);
    expect(before).toBeGreaterThan(0);
    expect(await count()).toBe(before);
  });
});

describe('a backtest', () => {
  interface Backtested {
    readonly compared: number;
    readonly failed: number;
    readonly failedAsBefore: number;
    readonly failures: readonly object[];
    readonly flippedSubjects: readonly {
      readonly subject: string;
      readonly recorded: string | null;
      readonly replayed: string | null;
      readonly why: readonly { readonly field: string; readonly recorded: string; readonly replayed: string }[];
    }[];
    readonly gate: { readonly forbidden: readonly string[] } | null;
  }

  /** The platform has no model; only a backtest of a prompt asks one. */
  const isAsked = (words: readonly string[]) => words.some((word) => word.startsWith('prompt='));

  async function backtest(...words: string[]): Promise<{ code: number | null; said: Backtested }> {
    const all = ['backtest', 'fraud', '--since', startedAt.toISOString(), '--json', ...words];
    const { code, stdout, stderr } = await runCli(all, {
      home: platform.home,
      ports: platform.around.ports,
      msMax: CLI_MS_MAX,
      environment: isAsked(words) ? { OPENAI_BASE_URL: model.baseUrl } : {},
    });
    expect(stderr).toBe('');
    return { code, said: JSON.parse(stdout) as Backtested };
  }

  it('of a service as it is flips none of its decisions, and fails at nothing at which it did not fail then', async () => {
    const { code, said } = await backtest();
    expect(code).toBe(0);
    expect(said.failures).toEqual([]);
    expect(said.failedAsBefore).toBeGreaterThanOrEqual(1);
    expect(said.compared).toBeGreaterThanOrEqual(payments.length);
    expect(said).toMatchObject({ failed: 0, gate: null });
    expect(said.flippedSubjects.filter(({ subject }) => [...payments, open].includes(subject))).toEqual([]);
  });

  it('with older rules flips what they decide otherwise, and says which decision and why', async () => {
    const { code, said } = await backtest('--with', 'rules=v1');
    expect(code).toBe(0);
    const ours = said.flippedSubjects.filter(({ subject }) => [...payments, open].includes(subject));
    expect(ours).toEqual([
      expect.objectContaining({ subject: open, recorded: 'PaymentHeldForReview', replayed: 'PaymentApproved' }),
    ]);
    const why = new Map(ours[0]!.why.map(({ field, recorded, replayed }) => [field, [recorded, replayed]]));
    expect(why.get('score')).toEqual(['6.84375', '4']);
    expect(why.get('signals.amount-band.points')).toEqual(['3.84375', '1']);
    expect(why.get('rulesVersion')?.[1]).toMatch(/hand-set$/);
  });

  it('with another prompt flips what the model says otherwise for it, names the prompt, and its gate forbids it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'prompt-'));
    const [prompt, gate] = [join(folder, 'trusting.txt'), join(folder, 'gate.yaml')];
    writeFileSync(prompt, `You judge card payments. ${TRUSTING}`);
    writeFileSync(gate, 'flipsMax: { PaymentHeldForReview -> PaymentApproved: 0 }');
    // It knows nothing but what its instructions say.
    const unsure = { stance: 'unsure', confidence: 0.5, because: 'nothing speaks for or against it' };
    const clear = { stance: 'clear', confidence: 1, because: 'the provider is too careful' };
    model.script('opinion', (text) => (text.includes(TRUSTING) ? clear : unsure));

    const around = ['--since', attachedAt.toISOString(), '--gate', gate];
    const before = await backtest('--with', 'prompt=fraud-opinion:1', ...around);
    expect(before.code).toBe(0);
    expect(before.said.flippedSubjects.filter(({ subject }) => subject === risky)).toEqual([]);

    const { code, said } = await backtest('--with', `prompt=fraud-opinion:${prompt}`, ...around);
    expect(code).toBe(1);
    expect(said.gate?.forbidden).toEqual(['PaymentHeldForReview → PaymentApproved: 1, allowed 0']);
    const [flip, ...others] = said.flippedSubjects.filter(({ subject }) => [...payments, open].includes(subject));
    expect([flip, others]).toMatchObject([
      { subject: risky, recorded: 'PaymentHeldForReview', replayed: 'PaymentApproved' },
      [],
    ]);
    const why = new Map(flip!.why.map(({ field, replayed }) => [field, replayed]));
    expect(why.get('instructions of fraud-opinion')).toMatch(/^file\+[0-9a-f]{8}$/);
    expect(why.get('signals.model-opinion')).toContain('the provider is too careful');
    expect(said.failures).toEqual([]);
  });

  it('fails when its gate forbids the change, and says why', async () => {
    const gate = join(mkdtempSync(join(tmpdir(), 'gate-')), 'gate.yaml');
    writeFileSync(gate, 'comparedMin: 1000000');
    const { code, said } = await backtest('--gate', gate);
    expect(code).toBe(1);
    expect(said.gate?.forbidden).toEqual([expect.stringContaining('at least 1000000 are needed')]);
  });
});

async function storyIds(): Promise<string[]> {
  const text = `select distinct metadata ->> 'correlationId' as id from fraud.events where stream = any($1)`;
  const streams = payments.map((payment) => `fraud-case-${payment}`);
  return (await platform.inspector.query<{ id: string }>(text, [streams])).map(({ id }) => id);
}

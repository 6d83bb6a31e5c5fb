import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf, effectsOf, type SeenDecision } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { awaitRecords } from '@towpath/testing/topics';
import { untilEnough } from '@towpath/testing/until';

const PAYMENTS = 30;
const DECIDED_MS_MAX = 30_000;

jest.setTimeout(180_000);

describe('thirty rapid-fire payments of one customer', () => {
  const run = `rapid${randomBytes(4).toString('hex')}`;
  /** Within one second, as Stripe tells time: the order of arrival decides. */
  const chargedAt = new Date();
  let platform: TestPlatform;
  let deliveries: Deliveries;
  let together: SeenDecision[];
  let oneByOne: SeenDecision[];

  beforeAll(async () => {
    platform = await attachPlatform();
    deliveries = new Deliveries(platform);
    together = await sentTogether();
    oneByOne = await sentOneByOne();
  }, ATTACH_MS_MAX + 120_000);

  afterAll(() => platform?.release());

  function bodyOf(way: string, n: number): string {
    return chargeSucceeded({ id: `${run}_${way}_${n}`, customer: `cus_${run}_${way}`, chargedAt }).body;
  }

  async function decided(way: string, count: number, everyMs = 100): Promise<SeenDecision[]> {
    return untilEnough(
      () => decisionsOf(platform.inspector, `pi_${run}_${way}_`),
      ({ length }) => length >= count,
      DECIDED_MS_MAX,
      everyMs,
    );
  }

  /** All wait on the topic before the stopped service goes on, so that it finds them at once. */
  async function sentTogether(): Promise<SeenDecision[]> {
    const from = new Date(Date.now() - 1_000);
    const fraud = platform.service('fraud');
    fraud.signal('SIGSTOP');
    try {
      const bodies = Array.from({ length: PAYMENTS }, (_, n) => bodyOf('together', n));
      await Promise.all(bodies.map((body) => deliveries.sendLikeStripe(body)));
      const mark = `pi_${run}_together_`;
      const wanted = { topic: 'payments.events', from, mark, count: PAYMENTS, deadlineMs: 20_000 };
      expect(await awaitRecords(platform, wanted)).toHaveLength(PAYMENTS);
    } finally {
      fraud.signal('SIGCONT');
    }
    return decided('together', PAYMENTS);
  }

  async function sentOneByOne(): Promise<SeenDecision[]> {
    for (let n = 0; n < PAYMENTS; n += 1) {
      await deliveries.sendLikeStripe(bodyOf('single', n));
      await decided('single', n + 1, 20);
    }
    return decided('single', PAYMENTS);
  }

  async function groupsOf(way: string): Promise<number[]> {
    const rows = await platform.inspector.query<{ decisions: number }>(
      `select count(*)::int as decisions from fraud.events
       where starts_with(data ->> 'paymentId', $1) and type ~ 'fraud.v1.Payment(Approved|HeldForReview|Blocked)'
       group by xact order by 1 desc`,
      [`pi_${run}_${way}_`],
    );
    return rows.map(({ decisions }) => decisions);
  }

  async function freezesOf(way: string): Promise<{ at: Date }[]> {
    return platform.inspector.query<{ at: Date }>(
      "select occurred_at as at from fraud.events where type = 'fraud.v1.AccountFrozen' and data ->> 'accountId' = $1",
      [`cus_${run}_${way}`],
    );
  }

  it('land in one group when the service finds them at once, and in one each when they come one by one', async () => {
    const [largest] = await groupsOf('together');

    console.log(`decisions per transaction: ${JSON.stringify(await groupsOf('together'))}`);
    expect(largest).toBeGreaterThanOrEqual(PAYMENTS / 3);
    expect(await groupsOf('single')).toEqual(Array.from({ length: PAYMENTS }, () => 1));
  });

  it('get the same decisions for the same reasons either way', () => {
    // A transaction's events have no order among streams, so the decisions are compared as a bag.
    const told = (decisions: SeenDecision[]): string[] =>
      decisions.map(({ kind, score, decidedBy }) => `${kind} ${score} ${decidedBy}`).sort();

    expect(told(together)).toHaveLength(PAYMENTS);
    expect(told(together)).toEqual(told(oneByOne));
  });

  it('climb the ladder: three pass, three are held, then the account is frozen once', async () => {
    const kinds = oneByOne.map(({ kind }) => kind);

    expect(kinds.slice(0, 7)).toEqual(['approved', 'approved', 'approved', 'held', 'held', 'held', 'blocked']);
    expect(new Set(kinds.slice(7))).toEqual(new Set(['blocked']));
    expect(await freezesOf('together')).toHaveLength(1);
    expect(await freezesOf('single')).toHaveLength(1);
  });

  it.each(['together', 'single'])('have no capture called once egress knows of the freeze: %s', async (way) => {
    const accountId = `cus_${run}_${way}`;
    const halts = await untilEnough(
      () => haltsOf(accountId),
      ({ length }) => length > 0,
      DECIDED_MS_MAX,
    );
    await effectsEnded(way);

    expect(halts).toHaveLength(1);
    expect(await capturesCalledAfter(accountId, halts[0]!.position)).toEqual([]);
    const actions = effectsOf(platform.home, `pi_${run}_${way}_`);
    expect(new Set(actions.map(({ subject }) => subject)).size).toBe(actions.length);
    expect(actions.filter(({ action }) => action === 'capture').length).toBeLessThanOrEqual(3);
  });

  async function haltsOf(accountId: string): Promise<{ position: string }[]> {
    return platform.inspector.query<{ position: string }>(
      `select position::text from egress.events where type = 'egress.v1.EffectReserved'
       and data ->> 'action' = 'payments.v1.HaltCaptures' and data ->> 'accountId' = $1`,
      [accountId],
    );
  }

  async function capturesCalledAfter(accountId: string, position: string): Promise<string[]> {
    const rows = await platform.inspector.query<{ stream: string }>(
      `select fired.stream from egress.events fired
       join egress.events reserved on reserved.stream = fired.stream and reserved.type = 'egress.v1.EffectReserved'
       where fired.type = 'egress.v1.EffectFired' and fired.position > $2::bigint
       and reserved.data ->> 'accountId' = $1 and reserved.data ->> 'action' = 'payments.v1.CapturePayment'`,
      [accountId, position],
    );
    return rows.map(({ stream }) => stream);
  }

  /** Each of the thirty ends in money that moved: what was approved or held before the freeze is cancelled by it. */
  async function effectsEnded(way: string): Promise<void> {
    const prefix = `pi_${run}_${way}_`;
    const effects = await untilEnough(
      () => effectsOf(platform.home, prefix),
      ({ length }) => length >= PAYMENTS,
      DECIDED_MS_MAX,
    );
    expect(effects).toHaveLength(PAYMENTS);
  }
});

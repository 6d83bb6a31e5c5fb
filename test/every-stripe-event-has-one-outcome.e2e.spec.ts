import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { chargeSucceeded, stripeEvent } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { deadLetters, decisionsOf, outcomesOf, type SeenOutcome } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { hasStripeBodies, STRIPE_BODIES, stripeBodies, withIds } from '@towpath/testing/stripe-bodies';
import { untilEnough } from '@towpath/testing/until';

const OUTCOME_MS_MAX = 30_000;
/** After everything has come, this long nothing more may come. */
const SETTLE_MS = 2_000;

jest.setTimeout(120_000);

const run = `bodies${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let deliveries: Deliveries;
let deadLettersBefore: number;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  deadLettersBefore = await deadLetters(platform.inspector);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

async function outcomes(prefix: string, count: number): Promise<SeenOutcome[]> {
  await untilEnough(
    () => outcomesOf(platform.inspector, prefix),
    ({ length }) => length >= count,
    OUTCOME_MS_MAX,
  );
  await delay(SETTLE_MS);
  return outcomesOf(platform.inspector, prefix);
}

/** The payments that have a stream of this type of message, for ids that start with `prefix`. */
async function paymentsWith(prefix: string, type?: string): Promise<string[]> {
  const rows = await platform.inspector.query<{ payment: string }>(
    `select distinct substr(stream, length('payment-') + 1) as payment from triage.events
     where starts_with(stream, 'payment-' || $1) and type = coalesce($2, type) order by 1`,
    [prefix, type ?? null],
  );
  return rows.map(({ payment }) => payment);
}

const recorded = hasStripeBodies ? describe : describe.skip;
if (!hasStripeBodies) console.warn(`SKIPPED: the recorded Stripe bodies are not in ${STRIPE_BODIES}`);

recorded('the recorded Stripe events', () => {
  it('each end in exactly one recorded outcome', async () => {
    const prefix = `evt_${run}_all`;
    const bodies = stripeBodies().map(({ type, text }, n) => ({
      type,
      eventId: `${prefix}${n}`,
      body: withIds(text, `${run}_all${n}`, { evt: `${prefix}${n}` }),
    }));
    expect(bodies.length).toBeGreaterThanOrEqual(44);

    const answers = await Promise.all(bodies.map(({ body }) => deliveries.sendStripe(body)));
    const seen = await outcomes(prefix, bodies.length);

    expect(answers.every((status) => status === 202)).toBe(true);
    expect(seen.map(({ providerEventId }) => providerEventId).sort()).toEqual(
      bodies.map(({ eventId }) => eventId).sort(),
    );
    const types = new Map(bodies.map(({ eventId, type }) => [eventId, type]));
    expect(seen.map(({ providerEventId, providerType }) => [providerEventId, providerType])).toEqual(
      seen.map(({ providerEventId }) => [providerEventId, types.get(providerEventId!)]),
    );
    expect(seen.filter(({ kind }) => kind === 'refused')).toEqual([]);
    for (const { providerType, kind } of seen) {
      const means =
        /^(charge\.(?!updated)|payment_intent\.|invoice\.payment_failed|customer\.subscription\.(updated|deleted))/.test(
          providerType,
        )
          ? 'routed'
          : 'unrouted';
      expect([providerType, kind]).toEqual([providerType, means]);
    }
  });

  it('of one payment, shuffled and repeated, feed one payment and at most one decision', async () => {
    const payments = Array.from({ length: 6 }, (_, n) => `${run}_one${n}`);
    const sent = payments.map((id) => ofOnePayment(id));
    const all = sent.flat();
    const repeated = shuffled([...all, ...all, ...all], 1);

    await Promise.all(repeated.map(({ body }) => deliveries.sendLikeStripe(body)));
    const seen = await outcomes(`evt_${run}_one`, all.length);

    expect(seen.map(({ providerEventId }) => providerEventId).sort()).toEqual(all.map(({ eventId }) => eventId).sort());
    expect(seen.map(({ kind }) => kind)).toEqual(all.map(() => 'routed'));
    expect(await paymentsWith(`pi_${run}_one`)).toEqual(payments.map((id) => `pi_${id}`));
    const decisions = await untilEnough(
      () => decisionsOf(platform.inspector, `pi_${run}_one`),
      ({ length }) => length >= payments.length,
      OUTCOME_MS_MAX,
    );
    expect(decisions.map(({ paymentId }) => paymentId).sort()).toEqual(payments.map((id) => `pi_${id}`));
    expect(await decisionsOf(platform.inspector, `ch_${run}_one`)).toEqual([]);
    for (const id of payments) expect(await typesOf(`pi_${id}`)).toEqual(await typesOf(`pi_${payments[0]!}`));
  });

  /** Those that are about a charge or an intent, as they look when all are about the same one. */
  function ofOnePayment(id: string): { eventId: string; body: string }[] {
    return stripeBodies()
      .filter(({ type }) => /^(charge|payment_intent)\./.test(type) && type !== 'charge.updated')
      .map(({ text }, n) => {
        const eventId = `evt_${id}_${n}`;
        const body = JSON.parse(withIds(text, `${id}_${n}`, { evt: eventId, pi: `pi_${id}`, ch: `ch_${id}` })) as {
          data: { object: Record<string, unknown> };
        };
        // The recorded refund is of a charge from before there were intents.
        const { object } = body.data;
        if (object['object'] === 'charge') object['payment_intent'] = `pi_${id}`;
        return { eventId, body: JSON.stringify(body) };
      });
  }

  /** Which messages the payment's stream holds, each type once. */
  async function typesOf(paymentId: string): Promise<string[]> {
    const rows = await platform.inspector.query<{ type: string }>(
      'select distinct type from triage.events where stream = $1 order by 1',
      [`payment-${paymentId}`],
    );
    return rows.map(({ type }) => type);
  }
});

describe('a dispute that comes before its charge', () => {
  it('reaches the payment once the charge is known', async () => {
    const id = `${run}_early`;
    const charge = chargeSucceeded({ id, customer: `cus_${id}`, captured: true });
    const dispute = { id: `dp_${id}`, object: 'dispute', charge: `ch_${id}`, amount: 1_500, currency: 'eur' };
    const early = stripeEvent(`evt_${id}_dispute`, 'charge.dispute.created', { ...dispute, reason: 'fraudulent' }, '');

    expect(await deliveries.sendStripe(early.body)).toBe(202);
    expect(await outcomes(early.eventId, 1)).toHaveLength(1);
    expect(await paymentsWith(`pi_${id}`)).toEqual([]);
    expect(await deliveries.sendStripe(charge.body)).toBe(202);

    const reached = await untilEnough(
      () => paymentsWith(`pi_${id}`, DisputeOpened.type),
      ({ length }) => length > 0,
      OUTCOME_MS_MAX,
    );
    expect(reached).toEqual([`pi_${id}`]);
    const confirmed = await untilEnough(
      () => fraudsConfirmed(`pi_${id}`),
      (count) => count > 0,
      OUTCOME_MS_MAX,
    );
    expect(confirmed).toBe(1);
    expect(await decisionsOf(platform.inspector, `pi_${id}`)).toHaveLength(1);
  });

  async function fraudsConfirmed(paymentId: string): Promise<number> {
    const rows = await platform.inspector.query(
      "select 1 from fraud.events where type = 'fraud.v1.FraudConfirmed' and data ->> 'paymentId' = $1",
      [paymentId],
    );
    return rows.length;
  }
});

describe('none of these', () => {
  it('is given up on', async () => {
    expect(await deadLetters(platform.inspector)).toBe(deadLettersBefore);
  });
});

/** The same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0);
  return items
    .map((item) => ({ item, at: next() >>> 8 }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

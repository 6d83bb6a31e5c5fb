import { DAY, MINUTE, NOON, someFacts } from './payment-facts.fixture.js';
import type { PaymentFacts } from './payment-facts.js';
import { withCardPayment, type CardRow } from './profiles/card-profile.js';
import { withFraud, withPayment, type CustomerRow } from './profiles/customer-profile.js';
import { withIpPayment, type IpRow } from './profiles/ip-profile.js';
import { withMerchantFraud, withMerchantPayment, type MerchantRow } from './profiles/merchant-profile.js';
import { pointsAt, RULES } from './rules.js';
import { assess, missingContext, type Assessment } from './score.decider.js';

const signalOf = (assessment: Assessment, name: string) => assessment.signals.find((one) => one.name === name);

function history(payments: readonly Partial<PaymentFacts>[]): CustomerRow | undefined {
  let row: CustomerRow | undefined;
  payments.forEach((over, index) => {
    row = withPayment(row, someFacts({ paymentId: `pi_before_${index}`, ...over }));
  });
  return row;
}

const regular = Array.from({ length: 10 }, (_, index) => ({
  chargedAt: NOON - (11 - index) * DAY,
  amountMinor: 4_000,
}));

describe('assess', () => {
  it('approves an ordinary payment and says what it looked at', () => {
    const assessment = assess(someFacts(), { customer: history(regular) });

    expect(assessment).toMatchObject({ outcome: 'approved', score: 0, missing: [], freeze: undefined });
    for (const signal of assessment.signals) expect(signal.evidence).not.toBe('');
  });

  it('calls a signal without facts unknown, never 0', () => {
    const facts = someFacts({ ipHash: null, deviceHash: null, riskLevel: null, cardCountry: null, merchantId: null });

    const { signals, missing, score } = assess({ ...facts, customerCreatedAt: null, cardFingerprint: null }, {});

    const expected = [
      'amount-vs-history',
      'velocity-card',
      'velocity-ip',
      'ip-cards',
      'country',
      'merchant-frauds',
      'merchant-run-days',
      'device',
      'customer-age',
      'provider-risk',
    ];
    expect([...missing].sort()).toEqual([...expected].sort());
    for (const name of expected) expect(signals.find((one) => one.name === name)?.value).toBe('unknown');
    expect(score).toBe(0);
  });

  it('measures the amount against the customer, in the same currency only', () => {
    const facts = someFacts({ amountMinor: 18_000 });

    const high = assess(facts, { customer: history(regular) });
    const foreign = assess({ ...facts, currency: 'JPY', amountMinor: 18_000 }, { customer: history(regular) });

    expect(signalOf(high, 'amount-vs-history')).toMatchObject({
      value: '4.5',
      points: pointsAt(RULES.amountHistory.steps, 4.5),
    });
    expect(high.outcome).toBe('held');
    expect(signalOf(foreign, 'amount-vs-history')?.value).toBe('unknown');
  });

  it('does not let a stolen card teach the history what is ordinary', () => {
    const stolen = [1, 2, 3].map((hour) => ({ chargedAt: NOON - hour * 60 * MINUTE, amountMinor: 100_000 }));

    const { signals } = assess(someFacts({ amountMinor: 20_000 }), { customer: history([...regular, ...stolen]) });

    expect(Number(signals.find(({ name }) => name === 'amount-vs-history')?.value)).toBeGreaterThan(2);
    expect(signals.find(({ name }) => name === 'recent-spikes')).toMatchObject({
      value: '3',
      points: pointsAt(RULES.recentSpikes.steps, 3),
    });
  });

  it('lets a burst pass, then holds it, then blocks it and freezes the account', () => {
    const outcomes: string[] = [];
    let customer: CustomerRow | undefined = history(regular);
    let card: CardRow | undefined;
    for (let index = 0; index < 8; index += 1) {
      const facts = someFacts({ paymentId: `pi_burst_${index}`, chargedAt: NOON + index * 1000 });
      const { outcome, freeze } = assess(facts, { customer, card });
      outcomes.push(freeze ? `${outcome}+freeze` : outcome);
      customer = withPayment(customer, facts);
      card = withCardPayment(card, facts);
    }

    expect(outcomes).toEqual([
      ...['approved', 'approved', 'approved', 'held', 'held', 'held'],
      ...['blocked+freeze', 'blocked+freeze'],
    ]);
  });

  it('counts a burst once, though it shows on customer, card and address', () => {
    let customer: CustomerRow | undefined;
    let card: CardRow | undefined;
    let ip: IpRow | undefined;
    for (let index = 0; index < 4; index += 1) {
      const facts = someFacts({ paymentId: `pi_burst_${index}`, chargedAt: NOON - 5_000 + index * 1000 });
      customer = withPayment(customer, facts);
      card = withCardPayment(card, facts);
      ip = withIpPayment(ip, facts);
    }

    const { score, signals } = assess(someFacts(), { customer, card, ip });

    expect(score).toBe(6);
    expect(signals.find(({ name }) => name === 'velocity-card')?.evidence).toContain('counted in velocity-customer');
  });

  it('holds, then blocks, payments of many cards from one address, without freezing anybody', () => {
    let ip: IpRow | undefined;
    const outcomes: string[] = [];
    for (let index = 0; index < 8; index += 1) {
      const paymentId = `pi_spike_${index}`;
      const facts = someFacts({ paymentId, accountId: `guest_${paymentId}`, cardFingerprint: `card_${index}` });
      const { outcome, freeze } = assess(facts, { ip });
      expect(freeze).toBeUndefined();
      outcomes.push(outcome);
      ip = withIpPayment(ip, facts);
    }

    expect(outcomes).toEqual(['approved', 'approved', 'approved', 'held', 'held', 'held', 'held', 'blocked']);
  });

  it('weighs confirmed frauds at a terminal until an honest payment breaks the run', () => {
    let merchant: MerchantRow | undefined;
    for (const age of [13, 12, 11, 10, 9]) {
      const facts = someFacts({ chargedAt: NOON - age * DAY });
      merchant = withMerchantFraud(withMerchantPayment(merchant, facts), facts.chargedAt);
    }
    const broken = withMerchantPayment(merchant, someFacts({ chargedAt: NOON - 8 * DAY }));
    const tooFresh = withMerchantPayment(merchant, someFacts({ chargedAt: NOON - 2 * DAY }));

    const points = pointsAt(RULES.merchant.runSteps, 5);
    expect(points).toBeGreaterThan(RULES.outcome.hold);
    expect(signalOf(assess(someFacts(), { merchant }), 'merchant-frauds')).toMatchObject({ value: '5', points });
    expect(signalOf(assess(someFacts(), { merchant }), 'merchant-run-days')?.value).toBe('13');
    expect(signalOf(assess(someFacts(), { merchant: tooFresh }), 'merchant-frauds')?.points).toBe(points);
    expect(signalOf(assess(someFacts(), { merchant: broken }), 'merchant-frauds')?.points).toBe(0);
  });

  it.each([
    ['DE', 'DE', 'DE', 'match', 0],
    ['DE', 'FR', null, 'billing-mismatch', 1.5],
    ['DE', 'DE', 'NG', 'shipping-mismatch', 2],
    ['DE', 'FR', 'NG', 'mismatch', 3],
  ])(
    'compares card %s with billing %s and shipping %s',
    (cardCountry, billingCountry, shippingCountry, value, points) => {
      const facts = someFacts({ cardCountry, billingCountry, shippingCountry });

      expect(signalOf(assess(facts, {}), 'country')).toMatchObject({ value, points });
    },
  );

  it('notices a device only when there is something to compare it with', () => {
    const customer = history(regular);
    const first = assess(someFacts({ deviceHash: 'device_new' }), {});
    const known = assess(someFacts(), { customer });
    const fresh = assess(someFacts({ deviceHash: 'device_new' }), { customer });

    expect([first, known, fresh].map((one) => signalOf(one, 'device')?.value)).toEqual([
      'first-device',
      'known',
      'first-seen',
    ]);
  });

  it('freezes an account that somebody else seems to hold', () => {
    const facts = someFacts({ deviceHash: 'device_new', amountMinor: 30_000, shippingCountry: 'NG' });

    const { outcome, freeze } = assess(facts, { customer: history(regular) });

    expect(outcome).toBe('blocked');
    expect(freeze).toMatch(/^account takeover/);
  });

  it.each([
    [NOON - 30 * DAY, '30', 0],
    [NOON - 3 * DAY, '3', 0.5],
    [NOON - MINUTE, '0', 1],
    [NOON + MINUTE, '0', 1],
    [NOON + 2 * DAY, 'unknown', 0],
  ])('weighs the age of a customer made at %s', (customerCreatedAt, value, points) => {
    expect(signalOf(assess(someFacts({ customerCreatedAt }), {}), 'customer-age')).toMatchObject({ value, points });
  });

  it('takes the provider at its word', () => {
    const levels = ['normal', 'elevated', 'highest', 'not_assessed'].map((riskLevel) =>
      assess(someFacts({ riskLevel }), {}),
    );

    expect(levels.map(({ score }) => score)).toEqual([0, 2.5, 6, 0]);
    expect(levels[3]!.missing).toContain('provider-risk');
  });

  it('says how many frauds the customer had before', () => {
    const customer = withFraud(history(regular)!, {
      ...{ paymentId: 'pi_x', accountId: 'cus_1', disputeId: 'dp_1', merchantId: null, decision: 'approved' },
      ...{ chargedAt: NOON - 9 * DAY, confirmedAt: NOON - 2 * DAY },
    });

    expect(signalOf(assess(someFacts(), { customer }), 'customer-frauds')).toMatchObject({
      value: '1',
      points: pointsAt(RULES.customerFrauds.steps, 1),
    });
  });
});

describe('missingContext', () => {
  it('asks for what rules need and the delivery lacks', () => {
    const bare = someFacts({ ipHash: null, deviceHash: null, riskLevel: null, customerCreatedAt: null });

    expect(missingContext(bare, undefined)).toEqual(['ipHash', 'deviceHash', 'riskLevel', 'customerCreatedAt']);
    expect(missingContext(someFacts(), undefined)).toEqual([]);
  });

  it('asks nobody how old a guest is, or a customer who paid long ago', () => {
    const old = history([{ chargedAt: NOON - 40 * DAY }]);

    expect(missingContext(someFacts({ accountId: 'guest_pi_1', customerCreatedAt: null }), undefined)).toEqual([]);
    expect(missingContext(someFacts({ customerCreatedAt: null }), old)).toEqual([]);
  });
});

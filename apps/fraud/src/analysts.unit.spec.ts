import fc from 'fast-check';
import { ANALYSTS, disagreementOf, type Opinion, type Stance } from './analysts.js';
import { modelView } from './grey/model-view.js';
import { DAY, MINUTE, NOON, someFacts } from './payment-facts.fixture.js';
import type { PaymentFacts } from './payment-facts.js';
import { withPayment, type CustomerRow } from './profiles/customer-profile.js';
import { withMerchantFraud, withMerchantPayment, type MerchantRow } from './profiles/merchant-profile.js';
import { RULES } from './rules.js';
import { assess, isGrey, type Profiles } from './score.decider.js';

function payments(count: number, over: (index: number) => Partial<PaymentFacts>): CustomerRow | undefined {
  let row: CustomerRow | undefined;
  for (let index = 0; index < count; index += 1) {
    row = withPayment(row, someFacts({ paymentId: `pi_before_${index}`, ...over(index) }));
  }
  return row;
}

const loyal = payments(20, (index) => ({ chargedAt: NOON - (25 - index) * DAY }));

/** A terminal whose payments turned out to be fraud day after day. */
function compromised(): MerchantRow {
  let row: MerchantRow | undefined;
  for (const age of [15, 14, 13, 12, 11, 10]) {
    const facts = someFacts({ chargedAt: NOON - age * DAY });
    row = withMerchantFraud(withMerchantPayment(row, facts), facts.chargedAt);
  }
  return row!;
}

const someProfiles = fc.record({
  count: fc.integer({ min: 0, max: 12 }),
  amounts: fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 12, maxLength: 12 }),
  gaps: fc.array(fc.integer({ min: 1, max: 30 * DAY }), { minLength: 12, maxLength: 12 }),
  fraudulent: fc.boolean(),
});

function profilesOf({
  count,
  amounts,
  gaps,
  fraudulent,
}: {
  count: number;
  amounts: number[];
  gaps: number[];
  fraudulent: boolean;
}): Profiles {
  const customer = payments(count, (index) => ({ amountMinor: amounts[index]!, chargedAt: NOON - gaps[index]! }));
  return { customer, ...(fraudulent && { merchant: compromised() }) };
}

describe('the score', () => {
  const facts = fc.record({
    amountMinor: fc.integer({ min: 1, max: 500_000 }),
    currency: fc.constantFrom('EUR', 'JPY', 'XXX'),
    riskLevel: fc.constantFrom(null, 'normal', 'elevated', 'highest'),
    shippingCountry: fc.constantFrom(null, 'DE', 'NG'),
    deviceHash: fc.constantFrom(null, 'device_1', 'device_new'),
  });

  it('is exactly the sum of the points of its named signals, in whatever order they are added', () => {
    fc.assert(
      fc.property(facts, someProfiles, fc.infiniteStream(fc.nat()), (over, seed, order) => {
        const { score, signals } = assess(someFacts(over), profilesOf(seed));
        const shuffled = signals.map(({ points }) => [order.next().value as number, points] as const);
        const points = shuffled.sort(([a], [b]) => a - b).map(([, one]) => one);

        expect(points.reduce((sum, one) => sum + one, 0)).toBe(score);
        expect(signals.every(({ name }) => name !== '')).toBe(true);
        expect(new Set(signals.map(({ name }) => name)).size).toBe(signals.length);
      }),
    );
  });

  it('never falls when the amount rises', () => {
    fc.assert(
      fc.property(
        someProfiles,
        fc.integer({ min: 1, max: 90_000 }),
        fc.integer({ min: 0, max: 90_000 }),
        (seed, amount, more) => {
          const profiles = profilesOf(seed);
          const scoreOf = (amountMinor: number): number => assess(someFacts({ amountMinor }), profiles).score;

          expect(scoreOf(amount + more)).toBeGreaterThanOrEqual(scoreOf(amount));
        },
      ),
    );
  });
});

describe('the analysts', () => {
  it('each give an opinion of their own, and none says what it did not look at', () => {
    const bare = { ipHash: null, deviceHash: null, riskLevel: null, customerCreatedAt: null, cardCountry: null };
    const { opinions } = assess(
      someFacts({ ...bare, accountId: 'guest_pi_1', cardFingerprint: null, merchantId: null }),
      {},
    );

    expect(opinions.map(({ analyst }) => analyst)).toEqual(ANALYSTS.map(({ name }) => name));
    expect(opinions.filter(({ stance }) => stance === 'unknown').map(({ analyst }) => analyst)).toEqual([
      'velocity',
      'identity',
      'device-ip',
    ]);
  });

  it('send to a person what one is sure of and another clears, and do not average it away', () => {
    const merchant = compromised();
    const alone = assess(someFacts({ deviceHash: null, riskLevel: null }), { customer: loyal, merchant });
    const disputed = assess(someFacts(), { customer: loyal, merchant });

    expect(alone).toMatchObject({ outcome: 'blocked', decidedBy: 'analyst', disputed: undefined });
    expect(disputed.score).toBe(alone.score);
    expect(disputed).toMatchObject({ outcome: 'held', disagreement: 3 });
    expect(disputed.disputed).toContain('history fraud');
    expect(disputed.disputed).toContain('identity clear');
  });

  it('do not hold back a rule that blocks by itself', () => {
    const burst = payments(8, (index) => ({ chargedAt: NOON - MINUTE + index * 1_000 }));

    expect(assess(someFacts(), { customer: burst })).toMatchObject({ outcome: 'blocked', decidedBy: 'rules' });
  });

  it('disagree by the distance of the outermost, whoever else is in between, and not at all when silent', () => {
    const stances = fc.array(fc.constantFrom<Stance>('clear', 'unsure', 'suspicious', 'fraud', 'unknown'));
    const level = { clear: -1, unsure: 0, suspicious: 1, fraud: 2 };
    fc.assert(
      fc.property(stances, (given) => {
        const opinions = given.map((stance): Opinion => ({ analyst: 'x', stance, points: 0, because: '' }));
        const levels = given.filter((one) => one !== 'unknown').map((one) => level[one]);
        const apart = levels.length === 0 ? 0 : Math.max(...levels) - Math.min(...levels);
        expect(disagreementOf(opinions)).toBe(apart);
      }),
    );
  });
});

describe('the grey zone', () => {
  const grey = someFacts({ riskLevel: 'elevated', shippingCountry: 'NG' });

  it('is where the score leaves it open, and nowhere else', () => {
    expect(isGrey(assess(grey, {}))).toBe(true);
    expect(isGrey(assess(someFacts(), {}))).toBe(false);
    expect(isGrey(assess(someFacts({ riskLevel: 'highest', billingCountry: 'FR', shippingCountry: 'NG' }), {}))).toBe(
      false,
    );
  });

  it('bounds what a model adds, whatever it says', () => {
    const stance = fc.constantFrom<Stance>('clear', 'unsure', 'suspicious', 'fraud', 'unknown');
    fc.assert(
      fc.property(stance, fc.double(), fc.string({ maxLength: 1_000 }), (said, confidence, because) => {
        const view = modelView({ stance: said, confidence, because, runId: 'r' }, RULES);
        if (!view) return expect(said).toBe('unknown');
        expect(Math.abs(view.signal.points)).toBeLessThanOrEqual(RULES.grey.pointsMax);
        const { score, signals, decidedBy } = assess(grey, {}, RULES, view);
        expect(signals.reduce((sum, { points }) => sum + points, 0)).toBe(score);
        expect(decidedBy).toBe('model');
      }),
    );
  });

  it('lets a model that clears what an analyst holds for fraud reach a person, not a capture', () => {
    const view = modelView({ stance: 'clear', confidence: 1, because: 'looks fine', runId: 'r' }, RULES);
    const { outcome, disputed } = assess(
      someFacts({ deviceHash: null, riskLevel: null }),
      { merchant: compromised() },
      RULES,
      view,
    );

    expect(outcome).toBe('held');
    expect(disputed).toContain('model clear (looks fine)');
  });
});

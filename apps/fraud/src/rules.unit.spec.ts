import { createHash } from 'node:crypto';
import { POINT_STEP } from './learned-score.js';
import { pointsAt, RULES } from './rules.js';

/** The hash of every version that ever decided; add a line, never change one. */
const HASHES: Readonly<Record<string, string>> = {
  '2026-11-20.1': 'b7c09a2db3e56370',
  '2026-11-20.2': '0f825cb7105555a0',
  '2026-11-29.1+a5704b49': 'c22598ba21b313a2',
};

describe('rules', () => {
  it('do not change without their version', () => {
    const hash = createHash('sha256').update(JSON.stringify(RULES)).digest('hex').slice(0, 16);

    expect({ [RULES.version]: hash }).toEqual({ [RULES.version]: HASHES[RULES.version] });
  });

  it('have steps that rise', () => {
    const steps = [
      RULES.amountBand.steps,
      RULES.amountHistory.steps,
      RULES.recentSpikes.steps,
      RULES.customerFrauds.steps,
      RULES.merchant.runSteps,
      RULES.merchant.runDaySteps,
      RULES.velocity.customer,
      RULES.velocity.card,
      RULES.velocity.ip,
      RULES.ipCards.steps,
    ];
    for (const one of steps) {
      const froms = one.map(([from]) => from);
      expect(froms).toEqual([...froms].sort((a, b) => a - b));
    }
  });

  it('give points in multiples of 1/32, so that sums are exact', () => {
    const { amountBand, amountHistory, recentSpikes, customerFrauds, merchant, velocity, ipCards } = RULES;
    const learned = [amountBand, amountHistory, recentSpikes, customerFrauds].map(({ steps }) => steps);
    const tables = [
      ...learned,
      merchant.runSteps,
      merchant.runDaySteps,
      ...[velocity.customer, velocity.card, velocity.ip],
    ];
    const { country, customerAge, device, providerRisk } = RULES;
    const single = [
      ...Object.values(country),
      ...Object.values(customerAge),
      device.firstSeen,
      ...Object.values(providerRisk),
    ];
    const points = [...[...tables, ipCards.steps].flat().map(([, given]) => given), ...single];
    for (const one of points) expect(Number.isInteger(one / POINT_STEP)).toBe(true);
  });

  it('never hold a payment for its amount alone', () => {
    for (const [, points] of RULES.amountBand.steps) expect(points).toBeLessThan(RULES.outcome.hold);
  });

  it('let a burst be held before it is blocked, and blocked where it freezes', () => {
    const { velocity, outcome } = RULES;
    const outcomeAt = (count: number): string => {
      const points = pointsAt(velocity.customer, count);
      return points >= outcome.block ? 'blocked' : points >= outcome.hold ? 'held' : 'approved';
    };
    expect([0, 2, 3, 5, 6].map(outcomeAt)).toEqual(['approved', 'approved', 'held', 'held', 'blocked']);
    expect(outcomeAt(velocity.freezeFrom)).toBe('blocked');
  });
});

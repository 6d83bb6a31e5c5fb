import { createHash } from 'node:crypto';
import { pointsAt, RULES } from './rules.js';

/** The hash of every version that ever decided; add a line, never change one. */
const HASHES: Readonly<Record<string, string>> = {
  '2026-11-20.1': 'b7c09a2db3e56370',
  '2026-11-20.2': '0f825cb7105555a0',
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

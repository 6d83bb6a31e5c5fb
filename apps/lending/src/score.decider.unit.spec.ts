import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { CreditInputs } from './credit-facts.js';
import { monthlyPayment } from './credit-facts.js';
import { adverseReasons, decideLoan } from './loan.decider.js';
import { POLICY, type RiskLevel } from './policy.js';
import { scoreOf } from './score.decider.js';
import { SCORECARD } from './scorecard.js';

/** The hash of every version that ever decided; add a line, never change one. */
const HASHES: Readonly<Record<string, readonly string[]>> = {
  '2026-11-29.1': ['f1a3315ed38e3171', '85eb163aa81f1cc4'],
};

const maybe = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: null });
const inputs: fc.Arbitrary<CreditInputs> = fc.record({
  amountMinor: fc.integer({ min: POLICY.amountMinor.min, max: POLICY.amountMinor.max }),
  currency: fc.constant('EUR'),
  termMonths: fc.integer({ min: 6, max: 120 }),
  monthlyIncomeMinor: fc.integer({ min: 0, max: 2_000_000 }),
  monthlyDebtMinor: fc.integer({ min: 0, max: 500_000 }),
  employmentMonths: fc.integer({ min: 0, max: 500 }),
  purpose: fc.constantFrom('car', 'home', 'other'),
  report: fc.record({
    score: maybe(850),
    scoreMin: fc.constant(300),
    scoreMax: fc.constant(850),
    delinquencies24m: maybe(10),
    utilisationPercent: maybe(150),
    inquiries6m: maybe(20),
    bankruptcies: maybe(1),
    monthsOfHistory: maybe(600),
    monthlyDebtMinor: maybe(500_000),
  }),
});
const model = fc.constantFrom<RiskLevel | null>(null, 'low', 'medium', 'high');

describe('the scorecard', () => {
  it('gives a score that is exactly the sum of its named parts, each within its bounds', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const { score, factors } = scoreOf(given);
        expect(factors.reduce((sum, { points }) => sum + points, 0)).toBe(score);
        expect(factors.reduce((sum, { pointsMax }) => sum + pointsMax, 0)).toBe(1_000);
        for (const { points, pointsMax } of factors) {
          expect(points).toBeGreaterThanOrEqual(0);
          expect(points).toBeLessThanOrEqual(pointsMax);
        }
      }),
    );
  });

  it('never scores lower for a higher income, a better payment history or less debt', () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 0, max: 500_000 }), (given, more) => {
        const { score } = scoreOf(given);
        const { monthlyIncomeMinor, monthlyDebtMinor, report } = given;
        expect(scoreOf({ ...given, monthlyIncomeMinor: monthlyIncomeMinor + more }).score).toBeGreaterThanOrEqual(
          score,
        );
        expect(scoreOf({ ...given, monthlyDebtMinor: monthlyDebtMinor + more }).score).toBeLessThanOrEqual(score);
        const late = report.delinquencies24m;
        if (late === null) return;
        const worse = { ...given, report: { ...report, delinquencies24m: late + 1 } };
        expect(scoreOf(worse).score).toBeLessThanOrEqual(score);
      }),
    );
  });

  it('and the policy do not change without their version', () => {
    const hashOf = (rules: object): string =>
      createHash('sha256').update(JSON.stringify(rules)).digest('hex').slice(0, 16);

    expect(SCORECARD.version).toBe(POLICY.version);
    expect([hashOf(SCORECARD), hashOf(POLICY)]).toEqual(HASHES[POLICY.version]);
  });
});

describe('the decision', () => {
  it('refuses with one to four reasons, the ones that cost most first', () => {
    fc.assert(
      fc.property(inputs, model, (given, level) => {
        const decision = decideLoan(given, scoreOf(given), level);
        if (decision.outcome !== 'decline') return;
        const lost = decision.reasons.map(({ pointsLost }) => pointsLost);
        expect(lost.length).toBeGreaterThanOrEqual(1);
        expect(lost.length).toBeLessThanOrEqual(POLICY.reasonsMax);
        expect(lost).toEqual([...lost].sort((a, b) => b - a));
      }),
    );
  });

  it('never turns into an approval because of what a model says, nor into a refusal', () => {
    fc.assert(
      fc.property(inputs, model, (given, level) => {
        const score = scoreOf(given);
        const alone = decideLoan(given, score, null).outcome;
        const heard = decideLoan(given, score, level).outcome;
        expect(heard === alone || heard === 'review').toBe(true);
      }),
    );
  });

  it('grants nothing that breaks a hard rule, and nothing large without a person', () => {
    fc.assert(
      fc.property(inputs, model, (given, level) => {
        const score = scoreOf(given);
        const decision = decideLoan(given, score, level);
        if (decision.outcome !== 'approve') return;
        expect(given.report.bankruptcies ?? 0).toBe(0);
        expect(score.debtToIncome!).toBeLessThanOrEqual(POLICY.debtToIncomeMax);
        expect(given.amountMinor).toBeLessThanOrEqual(POLICY.amountWithoutPersonMinorMax);
        expect(decision.offer).toMatchObject({ amountMinor: given.amountMinor, termMonths: given.termMonths });
      }),
    );
  });

  it('names no reason for a part that has all its points', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        for (const { pointsLost } of adverseReasons(scoreOf(given).factors)) expect(pointsLost).toBeGreaterThan(0);
      }),
    );
  });
});

describe('the payment a month', () => {
  it('is the annuity that pays the loan back with its interest', () => {
    expect(monthlyPayment(1_000_000, 12, 1_200)).toBe(88_849);
    expect(monthlyPayment(120_000, 12, 0)).toBe(10_000);
  });
});

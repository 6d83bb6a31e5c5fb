import type { CreditAnalyzed } from '@towpath/contracts/lending/CreditAnalyzed.v1';
import { debtToIncome, type CreditInputs, type CreditReport } from './credit-facts.js';
import { POLICY, type Policy, type RiskLevel } from './policy.js';
import type { ReasonCode } from './reasons.js';
import { pointsAt, SCORECARD, type Scorecard, type Steps } from './scorecard.js';

export type Factor = CreditAnalyzed['factors'][number];

export interface CreditScore {
  /** exactly the sum of the factors' points */
  readonly score: number;
  readonly riskLevel: RiskLevel;
  /** share of the income that debts take with this loan; null without an income */
  readonly debtToIncome: number | null;
  readonly factors: readonly Factor[];
}

/** The scorecard's view. The same inputs give the same score, whoever applies and whenever it runs. */
export function scoreOf(inputs: CreditInputs, card: Scorecard = SCORECARD, policy: Policy = POLICY): CreditScore {
  const { report } = inputs;
  const share = debtToIncome(inputs, policy.aprBasisPoints.medium);
  const factors = [
    bureauScore(report, card),
    stepped('payment-history', report.delinquencies24m, card.delinquencies, 'RECENT_DELINQUENCY'),
    stepped('debt-to-income', share, { ...card.debtToIncome, unknown: 0 }, 'DEBT_TO_INCOME_HIGH'),
    stepped('credit-utilisation', report.utilisationPercent, card.utilisation, 'CREDIT_UTILISATION_HIGH'),
    stepped('credit-history', report.monthsOfHistory, card.creditHistory, 'SHORT_CREDIT_HISTORY'),
    stepped('inquiries', report.inquiries6m, card.inquiries, 'MANY_INQUIRIES'),
    stepped('employment', inputs.employmentMonths, { ...card.employment, unknown: 0 }, 'SHORT_EMPLOYMENT'),
  ];
  const score = factors.reduce((sum, { points }) => sum + points, 0);
  return { score, riskLevel: levelOf(score, card), debtToIncome: share, factors };
}

export function levelOf(score: number, { riskLevels }: Scorecard = SCORECARD): RiskLevel {
  return score >= riskLevels.low ? 'low' : score >= riskLevels.medium ? 'medium' : 'high';
}

function bureauScore({ score, scoreMin, scoreMax }: CreditReport, card: Scorecard): Factor {
  const { pointsMax, unknown } = card.bureauScore;
  if (score === null || scoreMin === null || scoreMax === null || scoreMax <= scoreMin) {
    return factor('bureau-score', null, { points: unknown, pointsMax }, 'THIN_CREDIT_FILE');
  }
  const share = Math.min(1, Math.max(0, (score - scoreMin) / (scoreMax - scoreMin)));
  return factor('bureau-score', score, { points: Math.round(share * pointsMax), pointsMax }, 'LOW_BUREAU_SCORE');
}

function stepped(
  name: string,
  value: number | null,
  { steps, pointsMax, unknown }: { readonly steps: Steps; readonly pointsMax: number; readonly unknown: number },
  code: ReasonCode,
): Factor {
  return factor(name, value, { points: value === null ? unknown : pointsAt(steps, value), pointsMax }, code);
}

function factor(
  name: string,
  value: number | null,
  { points, pointsMax }: { readonly points: number; readonly pointsMax: number },
  code: ReasonCode,
): Factor {
  return { name, value: value === null ? 'unknown' : String(value), points, pointsMax, code };
}

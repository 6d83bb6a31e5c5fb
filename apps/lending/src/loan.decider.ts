import type { ConditionCode } from './conditions.js';
import { monthlyPayment, type CreditInputs, type LoanFacts } from './credit-facts.js';
import { POLICY, type Policy, type RiskLevel } from './policy.js';
import { reason, type Reason, type ReasonCode } from './reasons.js';
import type { CreditScore, Factor } from './score.decider.js';

/** What an approval grants. */
export interface Offer {
  readonly amountMinor: number;
  readonly currency: string;
  readonly termMonths: number;
  readonly aprBasisPoints: number;
  readonly conditions: readonly ConditionCode[];
}

export type LoanDecision =
  | { readonly outcome: 'approve'; readonly offer: Offer }
  | { readonly outcome: 'decline'; readonly reasons: readonly Reason[]; readonly byRule: boolean }
  | {
      readonly outcome: 'review';
      readonly why: string;
      readonly offer: Offer;
      readonly reasons: readonly Reason[];
    };

/** A question to a person, with what either answer would say. */
export type ReviewDecision = Extract<LoanDecision, { readonly outcome: 'review' }>;

/** What is decided from the application alone, before anybody is asked; undefined when nothing speaks against asking. */
export function refusalAtOnce(facts: LoanFacts, policy: Policy = POLICY): readonly Reason[] | undefined {
  const { amountMinor, termMonths, currency, monthlyIncomeMinor } = facts;
  const found: ReasonCode[] = [];
  if (!facts.ofLegalAge) found.push('UNDER_LEGAL_AGE');
  if (!policy.currencies.includes(currency)) found.push('CURRENCY_NOT_OFFERED');
  if (!isWithin(amountMinor, policy.amountMinor)) found.push('AMOUNT_NOT_OFFERED');
  if (!isWithin(termMonths, policy.termMonths)) found.push('TERM_NOT_OFFERED');
  if (monthlyIncomeMinor <= 0) found.push('NO_INCOME');
  return found.length === 0 ? undefined : found.slice(0, policy.reasonsMax).map((code) => reason(code));
}

/** The decision on an analysed application. A model's view can send it to a person and do nothing else. */
export function decideLoan(
  inputs: CreditInputs,
  score: CreditScore,
  modelRiskLevel: RiskLevel | null,
  policy: Policy = POLICY,
): LoanDecision {
  const rules = hardReasons(inputs, score, policy);
  if (rules.length > 0) return { outcome: 'decline', reasons: rules.slice(0, policy.reasonsMax), byRule: true };
  const reasons = adverseReasons(score.factors, policy);
  const offer = offerOf(inputs, score, policy);
  const why = whyPerson(inputs, score, modelRiskLevel, policy);
  if (why !== undefined) return { outcome: 'review', why, offer, reasons };
  if (score.score < policy.declineBelow) return { outcome: 'decline', reasons, byRule: false };
  return { outcome: 'approve', offer };
}

/** What a person is asked when the bureau can't be: the offer is that of the highest risk. */
export function reviewWithoutReport(facts: LoanFacts, why: string, policy: Policy = POLICY): ReviewDecision {
  const { amountMinor, currency, termMonths } = facts;
  const aprBasisPoints = policy.aprBasisPoints.high;
  const conditions = ['PROOF_OF_INCOME', 'IDENTITY_AND_FILE_BY_HAND'] as const;
  const offer = { amountMinor, currency, termMonths, aprBasisPoints, conditions };
  return { outcome: 'review', why, offer, reasons: [reason('THIN_CREDIT_FILE')] };
}

/** The parts that cost most points, first; of equal ones in the order of the scorecard. */
export function adverseReasons(factors: readonly Factor[], { reasonsMax }: Policy = POLICY): Reason[] {
  const lost = factors
    .map(({ code, points, pointsMax }) => reason(code as ReasonCode, pointsMax - points))
    .filter(({ pointsLost }) => pointsLost > 0);
  return lost.sort((a, b) => b.pointsLost - a.pointsLost).slice(0, reasonsMax);
}

export function paymentOf({ amountMinor, termMonths, aprBasisPoints }: Offer): number {
  return monthlyPayment(amountMinor, termMonths, aprBasisPoints);
}

function hardReasons({ report }: CreditInputs, { debtToIncome }: CreditScore, policy: Policy): Reason[] {
  return [
    ...((report.bankruptcies ?? 0) > 0 ? [reason('BANKRUPTCY_ON_RECORD')] : []),
    ...(debtToIncome === null ? [reason('NO_INCOME')] : []),
    ...(debtToIncome !== null && debtToIncome > policy.debtToIncomeMax ? [reason('DEBT_TO_INCOME_ABOVE_LIMIT')] : []),
  ];
}

function whyPerson(
  { amountMinor, currency }: CreditInputs,
  { score, riskLevel }: CreditScore,
  model: RiskLevel | null,
  policy: Policy,
): string | undefined {
  if (model !== null && Math.abs(LEVELS[model] - LEVELS[riskLevel]) > policy.modelLevelsApartMax) {
    return `the scorecard calls the risk ${riskLevel}, the model ${model}`;
  }
  if (score < policy.declineBelow) return undefined;
  if (score < policy.approveFrom) {
    return `score ${score} is between ${policy.declineBelow} and ${policy.approveFrom}`;
  }
  if (amountMinor > policy.amountWithoutPersonMinorMax) {
    return `${amountMinor / 100} ${currency} is more than is granted without a person`;
  }
  return undefined;
}

const LEVELS: Readonly<Record<RiskLevel, number>> = { low: 0, medium: 1, high: 2 };

function offerOf(inputs: CreditInputs, { riskLevel }: CreditScore, policy: Policy): Offer {
  const { amountMinor, currency, termMonths, employmentMonths, monthlyDebtMinor, report } = inputs;
  const { proofOfIncomeAboveMinor, employmentMonthsMin, debtToldShareMin } = policy.conditions;
  const conditions: ConditionCode[] = [];
  if (amountMinor > proofOfIncomeAboveMinor || employmentMonths < employmentMonthsMin)
    conditions.push('PROOF_OF_INCOME');
  if (riskLevel !== 'low') conditions.push('AUTOMATIC_PAYMENT');
  if (monthlyDebtMinor < (report.monthlyDebtMinor ?? 0) * debtToldShareMin) conditions.push('DEBT_STATEMENT');
  return { amountMinor, currency, termMonths, aprBasisPoints: policy.aprBasisPoints[riskLevel], conditions };
}

function isWithin(value: number, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return value >= min && value <= max;
}

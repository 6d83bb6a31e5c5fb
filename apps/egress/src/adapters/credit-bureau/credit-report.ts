import { at, type Answer } from '../../answer.js';

/** What a bureau tells of an applicant, in our words; what it does not tell is null. */
export interface CreditFacts {
  readonly score: number | null;
  readonly scoreMin: number | null;
  readonly scoreMax: number | null;
  readonly openAccounts: number | null;
  readonly delinquencies24m: number | null;
  readonly utilisationPercent: number | null;
  readonly inquiries6m: number | null;
  readonly bankruptcies: number | null;
  readonly monthsOfHistory: number | null;
  /** minor units of `currency` */
  readonly monthlyDebtMinor: number | null;
  /** ISO 4217 */
  readonly currency: string | null;
}

export interface CreditReport {
  readonly reportId: string;
  readonly facts: CreditFacts;
  /** the answer as it came */
  readonly raw: string;
}

/** A report in the generic form that docs/how-to/providers.md describes; undefined when the answer is none. */
export function creditReportOf(answer: Answer, raw: string): CreditReport | undefined {
  const { json } = answer;
  const reportId = at(json, 'reportId');
  if (typeof reportId !== 'string' || reportId === '') return undefined;
  const number = (name: string): number | null => {
    const value = at(json, name);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const currency = at(json, 'currency');
  const facts = {
    score: number('score'),
    scoreMin: number('scoreMin'),
    scoreMax: number('scoreMax'),
    openAccounts: number('openAccounts'),
    delinquencies24m: number('delinquencies24m'),
    utilisationPercent: number('utilisationPercent'),
    inquiries6m: number('inquiries6m'),
    bankruptcies: number('bankruptcies'),
    monthsOfHistory: number('monthsOfHistory'),
    monthlyDebtMinor: number('monthlyDebtMinor'),
    currency: typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? currency : null,
  };
  return { reportId, facts, raw };
}

import type { LoanCaseOpened } from '@towpath/contracts/lending/LoanCaseOpened.v1';

/** What a case knows of its application. Nothing in it tells who the applicant is, where they live or how old they are. */
export type LoanFacts = LoanCaseOpened;

/** What the bureau knows, as far as it told. Money in minor units of the application's currency. */
export interface CreditReport {
  readonly score: number | null;
  readonly scoreMin: number | null;
  readonly scoreMax: number | null;
  readonly delinquencies24m: number | null;
  readonly utilisationPercent: number | null;
  readonly inquiries6m: number | null;
  readonly bankruptcies: number | null;
  readonly monthsOfHistory: number | null;
  readonly monthlyDebtMinor: number | null;
}

/** Everything a credit analysis looks at; its canonical JSON is what an analysis records as its inputs. */
export interface CreditInputs {
  readonly amountMinor: number;
  readonly currency: string;
  readonly termMonths: number;
  readonly monthlyIncomeMinor: number;
  readonly monthlyDebtMinor: number;
  readonly employmentMonths: number;
  readonly purpose: string;
  readonly report: CreditReport;
}

export function creditInputs(facts: LoanFacts, report: CreditReport): CreditInputs {
  const { amountMinor, currency, termMonths, monthlyIncomeMinor, monthlyDebtMinor, employmentMonths } = facts;
  const asked = { amountMinor, currency, termMonths, monthlyIncomeMinor, monthlyDebtMinor, employmentMonths };
  return { ...asked, purpose: facts.purpose, report };
}

/** Equal payments that pay back a loan with its interest: the annuity formula. Minor units, rounded up. */
export function monthlyPayment(amountMinor: number, termMonths: number, aprBasisPoints: number): number {
  const rate = aprBasisPoints / 10_000 / 12;
  if (rate === 0) return Math.ceil(amountMinor / termMonths);
  return Math.ceil((amountMinor * rate) / (1 - (1 + rate) ** -termMonths));
}

/**
 * Share of the income that debts take with this loan at `aprBasisPoints`, to four digits; null without an income. Of what the
 * applicant states and the bureau reports the larger counts.
 */
export function debtToIncome(inputs: CreditInputs, aprBasisPoints: number): number | null {
  const { monthlyIncomeMinor, monthlyDebtMinor, amountMinor, termMonths, report } = inputs;
  if (monthlyIncomeMinor <= 0) return null;
  const debts = Math.max(monthlyDebtMinor, report.monthlyDebtMinor ?? 0);
  const share = (debts + monthlyPayment(amountMinor, termMonths, aprBasisPoints)) / monthlyIncomeMinor;
  return Math.round(share * 10_000) / 10_000;
}

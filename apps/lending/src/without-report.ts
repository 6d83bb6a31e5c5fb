import type { Emission } from '@towpath/service-kit/message';
import type { LoanCase } from './loan-case.js';
import { reviewWithoutReport } from './loan.decider.js';
import { askPerson, NO_ANALYSIS, type LOAN_REVIEW_EMITS } from './loan-review.js';

/** A person is asked to decide without the bureau, unless somebody decides, or is asked, already. */
export function goOnWithoutReport(
  before: LoanCase,
  why: string,
  now: Date,
): Emission<(typeof LOAN_REVIEW_EMITS)[number]>[] {
  const { facts, decision, analyzed, review } = before;
  if (!facts || decision || analyzed || review) return [];
  return askPerson(facts, before, reviewWithoutReport(facts, why), { analysis: NO_ANALYSIS, now });
}

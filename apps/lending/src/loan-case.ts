import { CreditAnalyzed } from '@towpath/contracts/lending/CreditAnalyzed.v1';
import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanCaseOpened } from '@towpath/contracts/lending/LoanCaseOpened.v1';
import { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';
import { LoanReviewOpened } from '@towpath/contracts/lending/LoanReviewOpened.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { LoanFacts } from './credit-facts.js';

/** One application's case. */
export interface LoanCase {
  /** set once the application came */
  readonly facts?: LoanFacts;
  /** true once a report was analysed */
  readonly analyzed: boolean;
  /** what a person is asked, while somebody is */
  readonly review?: LoanReviewOpened;
  /** set once, and never changed */
  readonly decision?: 'approved' | 'declined';
}

export const loanCase = aggregate<LoanCase>({
  stream: 'loan',
  initial: { analyzed: false },
  evolve: (state, event) => {
    if (isOf(LoanCaseOpened, event)) return { ...state, facts: event.data };
    if (isOf(CreditAnalyzed, event)) return { ...state, analyzed: true };
    if (isOf(LoanReviewOpened, event)) return { ...state, review: event.data };
    if (isOf(LoanApproved, event)) return ended(state, 'approved');
    if (isOf(LoanDeclined, event)) return ended(state, 'declined');
    return state;
  },
});

function ended(state: LoanCase, decision: 'approved' | 'declined'): LoanCase {
  const { review: _over, ...rest } = state;
  return { ...rest, decision };
}

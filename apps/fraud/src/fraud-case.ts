import { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import { PaymentContextUnavailable } from '@towpath/contracts/egress/PaymentContextUnavailable.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { PaymentFacts } from './payment-facts.js';
import type { Outcome } from './score.decider.js';

/** Where the money of a payment is. */
export type MoneyStatus = 'authorised' | 'captured' | 'canceled' | 'refunded' | 'failed' | 'disputed';

/** One payment's case. Events may come in any order; what came before the charge is kept until it does. */
export interface FraudCase {
  /** set once the charge came */
  readonly facts?: PaymentFacts;
  /** set once, and never changed by later events */
  readonly decision?: Outcome;
  /** the review of a held payment while nobody decided */
  readonly openReview?: { readonly reviewId: string; readonly expiresAt: number | null };
  /** how a held payment ended */
  readonly review?: 'approved' | 'rejected' | 'expired';
  /** the last state of the money that was seen */
  readonly status: MoneyStatus;
  /** true when the money was taken at any time */
  readonly captured: boolean;
  /** true when there is no money left to move: cancelled or refunded */
  readonly returned: boolean;
  /** true when the provider's answer to the question for context came */
  readonly contextAnswered: boolean;
  readonly fraudConfirmed: boolean;
}

export const fraudCase = aggregate<FraudCase>({
  stream: 'fraud-case',
  initial: {
    status: 'authorised',
    captured: false,
    returned: false,
    contextAnswered: false,
    fraudConfirmed: false,
  },
  evolve: (state, event) => {
    if (isOf(FraudCaseOpened, event)) return opened(state, event.data);
    if (isOf(FraudCaseUpdated, event)) return updated(state, event.data);
    if (isOf(PaymentApproved, event)) return { ...state, decision: 'approved' };
    if (isOf(PaymentBlocked, event)) return { ...state, decision: 'blocked' };
    if (isOf(PaymentHeldForReview, event)) {
      const { reviewId, expiresAt } = event.data;
      return { ...state, decision: 'held', openReview: { reviewId, expiresAt } };
    }
    if (isOf(ReviewResolved, event)) {
      const { openReview: _closed, ...rest } = state;
      return { ...rest, review: event.data.outcome as NonNullable<FraudCase['review']> };
    }
    if (isOf(FraudConfirmed, event)) return { ...state, fraudConfirmed: true };
    return state;
  },
});

/** True while the payment's money is authorised, not taken and not given back. */
export function isOpenAuthorisation(state: FraudCase): boolean {
  return state.facts !== undefined && !state.captured && !state.returned;
}

/** True when the payment was refused, by the rules, by a person, or because nobody decided in time. */
export function isRefused(state: FraudCase): boolean {
  return state.decision === 'blocked' || state.review === 'rejected' || state.review === 'expired';
}

function opened(state: FraudCase, facts: PaymentFacts): FraudCase {
  const captured = state.captured || facts.captured;
  const status = state.status === 'authorised' && captured ? 'captured' : state.status;
  return { ...state, facts, captured, status };
}

const ANSWERS: readonly string[] = [PaymentContextFetched.type, PaymentContextUnavailable.type];

function updated(state: FraudCase, { change, status }: FraudCaseUpdated): FraudCase {
  return {
    ...state,
    status: status as MoneyStatus,
    captured: state.captured || status === 'captured',
    returned: state.returned || status === 'canceled' || status === 'refunded',
    contextAnswered: state.contextAnswered || ANSWERS.includes(change),
  };
}

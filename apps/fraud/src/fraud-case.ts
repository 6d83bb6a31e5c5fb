import { FraudCaseEnriched } from '@towpath/contracts/fraud/FraudCaseEnriched.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { OpinionWanted } from '@towpath/contracts/fraud/OpinionWanted.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { PaymentFacts } from './payment-facts.js';
import type { Held } from './payment-review.js';
import type { Outcome } from './score.decider.js';

/** Where the money of a payment is. */
export type MoneyStatus = 'authorised' | 'captured' | 'canceled' | 'refunded' | 'failed' | 'disputed';

/** A dispute that says that a payment was fraud. */
export interface FraudDispute {
  readonly disputeId: string;
  /** milliseconds since the epoch */
  readonly openedAt: number;
}

/** One payment's case. Events may come in any order; what came before the charge is kept until it does. */
export interface FraudCase {
  /** set once the charge came */
  readonly facts?: PaymentFacts;
  /** a model is asked; until its opinion or its deadline comes nothing decides */
  readonly asked?: true;
  /** set once, and never changed by later events */
  readonly decision?: Outcome;
  /** the review of a held payment while nobody decided */
  readonly openReview?: Held;
  /** how a held payment ended */
  readonly review?: 'approved' | 'rejected' | 'expired';
  /** the last state of the money that was seen */
  readonly status: MoneyStatus;
  /** true when the money was taken at any time */
  readonly captured: boolean;
  /** true when there is no money left to move: cancelled or refunded */
  readonly returned: boolean;
  /** the first dispute for fraud that came before the charge */
  readonly disputedBefore?: FraudDispute;
  readonly fraudConfirmed: boolean;
}

export const fraudCase = aggregate<FraudCase>({
  stream: 'fraud-case',
  initial: {
    status: 'authorised',
    captured: false,
    returned: false,
    fraudConfirmed: false,
  },
  evolve: (state, event) => {
    if (isOf(FraudCaseOpened, event)) return opened(state, event.data);
    if (isOf(FraudCaseEnriched, event)) {
      return state.facts ? { ...state, facts: withContext(state.facts, event.data) } : state;
    }
    if (isOf(FraudCaseUpdated, event)) return updated(state, event.data);
    if (isOf(OpinionWanted, event)) return { ...state, asked: true };
    if (isOf(PaymentApproved, event)) return { ...state, decision: 'approved' };
    if (isOf(PaymentBlocked, event)) return { ...state, decision: 'blocked' };
    if (isOf(PaymentHeldForReview, event)) {
      const { reviewId, expiresAt, score, signals, rulesVersion } = event.data;
      return { ...state, decision: 'held', openReview: { reviewId, expiresAt, score, signals, rulesVersion } };
    }
    if (isOf(ReviewResolved, event)) {
      const { openReview: _closed, ...rest } = state;
      return { ...rest, review: event.data.outcome as NonNullable<FraudCase['review']> };
    }
    if (isOf(FraudConfirmed, event)) return { ...state, fraudConfirmed: true };
    return state;
  },
});

/** The facts with what the provider added. */
export function withContext(facts: PaymentFacts, context: FraudCaseEnriched): PaymentFacts {
  return {
    ...facts,
    ipHash: facts.ipHash ?? context.ipHash,
    deviceHash: facts.deviceHash ?? context.deviceHash,
    riskLevel: facts.riskLevel ?? context.riskLevel,
    cardCountry: facts.cardCountry ?? context.cardCountry,
    merchantId: facts.merchantId ?? context.merchantId,
    customerCreatedAt: facts.customerCreatedAt ?? context.customerCreatedAt,
  };
}

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

function updated(state: FraudCase, { status, changedAt, disputeId }: FraudCaseUpdated): FraudCase {
  const early = disputeId !== null && !state.disputedBefore;
  return {
    ...state,
    ...(early && { disputedBefore: { disputeId, openedAt: changedAt } }),
    status: status as MoneyStatus,
    captured: state.captured || status === 'captured',
    returned: state.returned || status === 'canceled' || status === 'refunded',
  };
}

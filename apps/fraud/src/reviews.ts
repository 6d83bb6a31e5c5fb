import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { FraudCase } from './fraud-case.js';
import type { PaymentFacts } from './payment-facts.js';

export const REVIEW_CLOSING = [ReviewResolved, ReviewClosed] as const;

/** How a review ended, and by whom; `actor` is null when no person decided. */
export interface Ending {
  readonly outcome: 'approved' | 'rejected' | 'expired';
  readonly actor: string | null;
  readonly reason: string;
  readonly at: Date;
}

const HOUR_MS = 3_600_000;
/** What card networks allow when the provider does not say. */
const AUTHORISATION_MS = 7 * 24 * HOUR_MS;

/** The same for a payment however often it is decided. */
export function paymentReviewId(paymentId: string): string {
  return `payment-review_${paymentId}`;
}

/** An account can be frozen more than once, each time because of another payment. */
export function accountReviewId(accountId: string, paymentId: string): string {
  return `account-review_${accountId}_${paymentId}`;
}

/** When a held payment is cancelled if nobody decides; null when its money was taken and nothing expires. */
export function reviewDeadline(facts: PaymentFacts, captured: boolean): number | null {
  if (captured) return null;
  return (facts.captureBefore ?? facts.chargedAt + AUTHORISATION_MS) - HOUR_MS;
}

/** Closes the open review of a held payment; nothing when it has none. */
export function closeReview(state: FraudCase, ending: Ending): Emission<(typeof REVIEW_CLOSING)[number]>[] {
  const { openReview, facts } = state;
  if (!openReview || !facts) return [];
  const { reviewId } = openReview;
  const { outcome, actor, reason, at } = ending;
  const { paymentId, accountId } = facts;
  return [
    emit(ReviewResolved, { paymentId, accountId, reviewId, outcome, actor, reason, resolvedAt: at.getTime() }),
    emit(ReviewClosed, { reviewId, outcome, actor }),
  ];
}

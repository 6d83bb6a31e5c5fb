import type { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import type { FraudCase } from './fraud-case.js';
import type { PaymentFacts } from './payment-facts.js';

/** What a held payment's review is about, as it was held. */
export type Held = Pick<PaymentHeldForReview, 'reviewId' | 'expiresAt' | 'score' | 'signals' | 'rulesVersion'>;

/**
 * What people are asked about a held payment: whether its money may be taken. Where the money is belongs to the question, so that an
 * approval from before it was taken or given back does not hold afterwards.
 */
export function paymentReview(
  facts: PaymentFacts,
  held: Held,
  { captured, returned }: Pick<FraudCase, 'captured' | 'returned'>,
  reason = reasonOf(held),
): ReviewRequest {
  const { paymentId, accountId, chargeId, amountMinor, currency } = facts;
  const { reviewId, expiresAt, score, signals, rulesVersion } = held;
  return {
    reviewId,
    service: 'fraud',
    subjectType: 'payment',
    subjectId: paymentId,
    reason,
    dueAt: expiresAt,
    action: 'CapturePayment',
    arguments: { paymentId, accountId, chargeId, amountMinor, currency, captured, returned },
    evidence: { score, rulesVersion, signals: signals.filter(({ points }) => points !== 0) },
    amount: { minor: amountMinor, currency },
  };
}

/** Why the analysts disagree, or the two strongest signals in words. */
export function reasonOf({
  signals,
  score,
  disputed,
}: Pick<Held, 'signals' | 'score'> & { readonly disputed?: string | undefined }): string {
  if (disputed !== undefined) return `score ${score}: ${disputed}`;
  const strongest = signals.filter(({ points }) => points > 0).sort((a, b) => b.points - a.points);
  const words = strongest.slice(0, 2).map(({ name, value, evidence }) => `${name} ${value} (${evidence})`);
  return `score ${score}: ${words.join('; ')}`;
}

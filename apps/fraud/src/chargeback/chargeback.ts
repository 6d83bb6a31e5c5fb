import { ChargebackDecided } from '@towpath/contracts/fraud/ChargebackDecided.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';

/** The latest decision about a payment's dispute. */
export interface Chargeback {
  readonly decided?: ChargebackDecided;
}

export const chargeback = aggregate<Chargeback>({
  stream: 'chargeback',
  initial: {},
  evolve: (state, event) => (isOf(ChargebackDecided, event) ? { decided: event.data } : state),
});

/** What people are asked about a dispute: whether the money goes back, or how to answer it. Nothing when it is simply accepted. */
export function chargebackReview(decided: ChargebackDecided): ReviewRequest | undefined {
  const { paymentId, disputeId, accountId, action, refundMinor, currency, evidence, reasons, runId } = decided;
  if (action === 'accept') return undefined;
  const moves = action === 'refund';
  return {
    reviewId: `chargeback-review_${disputeId}`,
    service: 'fraud',
    subjectType: 'chargeback',
    subjectId: paymentId,
    reason: reasons.join('; '),
    action: moves ? 'RefundPayment' : 'AnswerDispute',
    arguments: { paymentId, disputeId, accountId, refundMinor, currency },
    evidence: JSON.parse(evidence) as object,
    agent: 'chargeback',
    runId,
    ...(moves && { amount: { minor: refundMinor, currency } }),
  };
}

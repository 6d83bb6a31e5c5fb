import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import type { DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import { REVIEW_MESSAGES, type ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { fraudCase } from '../fraud-case.js';
import { chargeback, chargebackReview } from './chargeback.js';

export const CHARGEBACK_REVIEW_EMITS = [RefundPayment, ...REVIEW_MESSAGES] as const;

/** Carries out what a person decided of a dispute. Only a refund moves money, and only while the money is still there. */
export function decideChargebackReview(
  desk: ReviewDesk,
  decision: DecideReview,
  state: DecisionState,
): Emission<(typeof CHARGEBACK_REVIEW_EMITS)[number]>[] {
  const { subjectId: paymentId, actor, reason } = decision;
  const { verdict, messages } = desk.judge(decision, state, () => {
    const { decided } = state.of(chargeback, paymentId);
    return decided && chargebackReview(decided);
  });
  if (verdict !== 'approve') return [...messages];
  const { decided } = state.of(chargeback, paymentId);
  const { facts, captured, returned } = state.of(fraudCase, paymentId);
  if (decided?.action !== 'refund' || !facts || !captured || returned) return [...messages];
  const { accountId, chargeId, currency } = facts;
  const words = `approve by ${actor}: ${reason}`;
  const refund = { paymentId, accountId, chargeId, amountMinor: decided.refundMinor, currency, reason: words };
  return [...messages, emit(RefundPayment, refund)];
}

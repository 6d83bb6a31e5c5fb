import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import type { DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import { REVIEW_MESSAGES, type ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { fraudCase } from './fraud-case.js';
import { capture, giveBack, MONEY_COMMANDS } from './money-commands.js';
import { paymentReview } from './payment-review.js';

export const PAYMENT_REVIEW_EMITS = [...MONEY_COMMANDS, ...REVIEW_MESSAGES, ReviewResolved] as const;

/** Carries out what a person decided of a held payment: its money is taken, or given back. */
export function decidePaymentReview(
  desk: ReviewDesk,
  decision: DecideReview,
  state: DecisionState,
): Emission<(typeof PAYMENT_REVIEW_EMITS)[number]>[] {
  const { subjectId: paymentId, reviewId, actor, reason } = decision;
  const { verdict, messages } = desk.judge(decision, state, () => {
    const { facts, openReview, ...money } = state.of(fraudCase, paymentId);
    return facts && openReview && paymentReview(facts, openReview, money);
  });
  if (verdict !== 'approve' && verdict !== 'reject') return [...messages];
  const before = state.of(fraudCase, paymentId);
  const { accountId } = before.facts!;
  const outcome = verdict === 'approve' ? 'approved' : 'rejected';
  const resolvedAt = state.now.getTime();
  const resolved = emit(ReviewResolved, { paymentId, accountId, reviewId, outcome, actor, reason, resolvedAt });
  const words = `${verdict} by ${actor}: ${reason}`;
  const move = verdict === 'approve' ? capture : giveBack;
  return [resolved, ...messages, ...move(before, before.facts!, words)];
}

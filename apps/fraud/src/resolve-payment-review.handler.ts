import { Injectable } from '@nestjs/common';
import { ResolvePaymentReview } from '@towpath/contracts/fraud/ResolvePaymentReview.v1';
import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { decidePaymentReview, PAYMENT_REVIEW_EMITS } from './decide-payment-review.js';
import { fraudCase } from './fraud-case.js';
import { paymentReviewId } from './reviews.js';

/** What `DecideReview` replaced; commands that were on their way meanwhile are held to the same rules. */
@Injectable()
@Handles(ResolvePaymentReview, { emits: PAYMENT_REVIEW_EMITS })
export class ResolvePaymentReviewHandler implements Handler<typeof ResolvePaymentReview, typeof PAYMENT_REVIEW_EMITS> {
  constructor(private readonly desk: ReviewDesk) {}

  reads({ data }: Received<typeof ResolvePaymentReview>): Reads {
    return this.desk.reads(asDecision(data), () => ({ streams: [fraudCase.of(data.paymentId)] }));
  }

  handle(
    { data }: Received<typeof ResolvePaymentReview>,
    state: DecisionState,
  ): Emission<(typeof PAYMENT_REVIEW_EMITS)[number]>[] {
    return decidePaymentReview(this.desk, asDecision(data), state);
  }
}

function asDecision({ paymentId, decision, actor, reason }: ResolvePaymentReview): DecideReview {
  const about = {
    reviewId: paymentReviewId(paymentId),
    service: 'fraud',
    subjectType: 'payment',
    subjectId: paymentId,
  };
  const unspecified = { reasonCode: 'unspecified', personId: '', edited: null, actionHash: null, role: '' };
  return { ...about, ...unspecified, decision, actor, reason };
}

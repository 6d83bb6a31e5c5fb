import { Injectable } from '@nestjs/common';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { account } from './account.js';
import { accountReview } from './account-review.js';
import { chargeback } from './chargeback/chargeback.js';
import { CHARGEBACK_REVIEW_EMITS, decideChargebackReview } from './chargeback/decide-chargeback-review.js';
import { decidePaymentReview, PAYMENT_REVIEW_EMITS } from './decide-payment-review.js';
import { fraudCase } from './fraud-case.js';
import { liftFreeze, UNFREEZE_EMITS } from './lift-freeze.js';
import { accounts } from './profiles/accounts.projection.js';

const EMITS = [...PAYMENT_REVIEW_EMITS, ...UNFREEZE_EMITS, ...CHARGEBACK_REVIEW_EMITS] as const;

/** A person decides a held payment, a frozen account or a dispute. What may not be decided, or not so, becomes a dead letter. */
@Injectable()
@Handles(DecideReview, { emits: EMITS })
export class DecideReviewHandler implements Handler<typeof DecideReview, typeof EMITS> {
  constructor(private readonly desk: ReviewDesk) {}

  reads({ data }: Received<typeof DecideReview>): Reads {
    const { subjectType, subjectId } = data;
    return this.desk.reads(data, () =>
      subjectType === 'account'
        ? { streams: [account.of(subjectId)], rows: [accounts.at(subjectId)] }
        : { streams: [fraudCase.of(subjectId), chargeback.of(subjectId)] },
    );
  }

  handle({ data }: Received<typeof DecideReview>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    if (data.subjectType === 'account') return this.decideAccount(data, state);
    if (data.subjectType === 'chargeback') return decideChargebackReview(this.desk, data, state);
    return decidePaymentReview(this.desk, data, state);
  }

  /** Rejected, the account stays frozen, and nobody needs to look any more. */
  private decideAccount(data: DecideReview, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { subjectId: accountId, actor, reason } = data;
    const { verdict, messages } = this.desk.judge(data, state, () => {
      const { frozen } = state.of(account, accountId);
      return frozen && accountReview(accountId, frozen);
    });
    return [...(verdict === 'approve' ? liftFreeze({ accountId, actor, reason }, state) : []), ...messages];
  }
}

import { Injectable } from '@nestjs/common';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { REVIEW_MESSAGES, ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { loanCase } from './loan-case.js';
import { approved, declined, OUTCOME_EMITS } from './loan-outcome.js';
import { loanReview } from './loan-review.js';
import { POLICY } from './policy.js';
import { isReasonCode, reason, reasonOf, type Reason } from './reasons.js';

const EMITS = [...REVIEW_MESSAGES, ...OUTCOME_EMITS] as const;

/** A person decides an application. An approval grants the offer that was reviewed and nothing else. */
@Injectable()
@Handles(DecideReview, { emits: EMITS })
export class DecideLoanReview implements Handler<typeof DecideReview, typeof EMITS> {
  constructor(private readonly desk: ReviewDesk) {}

  reads({ data }: Received<typeof DecideReview>): Reads {
    return this.desk.reads(data, () => ({ streams: [loanCase.of(data.subjectId)] }));
  }

  handle({ data }: Received<typeof DecideReview>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { verdict, messages } = this.desk.judge(data, state, () => {
      const { review } = state.of(loanCase, data.subjectId);
      return review && loanReview(review);
    });
    if (verdict !== 'approve' && verdict !== 'reject') return [...messages];
    const { facts, review } = state.of(loanCase, data.subjectId);
    if (!facts || !review) return [...messages];
    const { inputsHash, offer, reasons } = review;
    const how = { decidedBy: 'person', actor: data.actor, inputsHash, now: state.now };
    if (verdict === 'approve') return [...messages, approved(facts, offer, how)];
    return [...messages, declined(facts, reasonsOf(data.reasonCode, reasons), how)];
  }
}

/** The person's own reason first, when it is one that applicants are told, then those of the analysis. */
function reasonsOf(code: string, recorded: readonly string[]): Reason[] {
  const own = isReasonCode(code) ? reason(code) : reason('PERSON_DECIDED');
  const others = recorded.filter((one) => one !== own.code).map((one) => reasonOf(one));
  return [own, ...others].slice(0, POLICY.reasonsMax);
}

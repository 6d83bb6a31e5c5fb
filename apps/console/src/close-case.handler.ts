import { CaseClosed } from '@towpath/contracts/console/CaseClosed.v1';
import { CaseDecisionFailed } from '@towpath/contracts/console/CaseDecisionFailed.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { reviewCases } from './review-case.js';

const EMITS = [CaseClosed, CaseDecisionFailed] as const;

/** The owner says how a review ended: by a decision, in time, or because what it was about changed. */
@Handles(ReviewClosed, { emits: EMITS })
export class CloseCase implements Handler<typeof ReviewClosed, typeof EMITS> {
  reads({ data }: Received<typeof ReviewClosed>): Reads {
    return { streams: [reviewCases.of(data.reviewId)] };
  }

  handle({ data }: Received<typeof ReviewClosed>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { reviewId, outcome, actor } = data;
    const { status, pending } = state.of(reviewCases, reviewId);
    if (status !== 'open') return [];
    const now = state.now.getTime();
    const closed = emit(CaseClosed, { reviewId, outcome, actor, closedAt: now });
    if (pending?.phase !== 'held') return [closed];
    const detail = `the review ended meanwhile: ${outcome}`;
    const lapsed = { reviewId, decisionId: pending.decisionId, code: 'REVIEW_CLOSED', detail, failedAt: now };
    return [emit(CaseDecisionFailed, lapsed), closed];
  }
}

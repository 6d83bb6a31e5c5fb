import { CaseDecisionFailed } from '@towpath/contracts/console/CaseDecisionFailed.v1';
import { DecisionAnswerDue } from '@towpath/contracts/console/DecisionAnswerDue.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { escalate, ESCALATION } from './escalation.js';
import { reviewCases } from './review-case.js';

const EMITS = [CaseDecisionFailed, ...ESCALATION] as const;

/**
 * The owner neither closed the review nor counted the decision: it was refused, became a dead letter, or its service is down. People are told
 * and can decide again; what was sent counts once at most, whenever it is looked at.
 */
@Handles(DecisionAnswerDue, { emits: EMITS })
export class MissAnswer implements Handler<typeof DecisionAnswerDue, typeof EMITS> {
  reads({ data }: Received<typeof DecisionAnswerDue>): Reads {
    return { streams: [reviewCases.of(data.reviewId)] };
  }

  handle({ data }: Received<typeof DecisionAnswerDue>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { reviewId, decisionId } = data;
    const current = state.of(reviewCases, reviewId);
    if (current.status !== 'open' || current.pending?.decisionId !== decisionId) return [];
    const detail = 'its owner did not answer; `towpath trace` of the delivery says why';
    const failed = { reviewId, decisionId, code: 'NO_ANSWER', detail, failedAt: state.now.getTime() };
    return [emit(CaseDecisionFailed, failed), ...escalate(current, 'NO_ANSWER', state.now)];
  }
}

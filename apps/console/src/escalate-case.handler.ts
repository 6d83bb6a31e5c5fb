import { CaseSlaDue } from '@towpath/contracts/console/CaseSlaDue.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { remind, type Emission, type Received } from '@towpath/service-kit/message';
import { escalate, ESCALATION } from './escalation.js';
import { reviewCases } from './review-case.js';

/** While a decision is on its way it is looked at again, should it come back. */
const AGAIN_MS = 300_000;

/** Nobody decided a case in its time: it takes a higher role now. */
@Handles(CaseSlaDue, { emits: ESCALATION })
export class EscalateCase implements Handler<typeof CaseSlaDue, typeof ESCALATION> {
  reads({ data }: Received<typeof CaseSlaDue>): Reads {
    return { streams: [reviewCases.of(data.reviewId)] };
  }

  handle({ data }: Received<typeof CaseSlaDue>, state: DecisionState): Emission<(typeof ESCALATION)[number]>[] {
    const { reviewId, revision, level } = data;
    const current = state.of(reviewCases, reviewId);
    if (current.status !== 'open' || current.asked?.revision !== revision || current.level !== level) return [];
    if (current.pending) return [remind(CaseSlaDue, new Date(state.now.getTime() + AGAIN_MS), data)];
    return escalate(current, 'SLA_MISSED', state.now);
  }
}

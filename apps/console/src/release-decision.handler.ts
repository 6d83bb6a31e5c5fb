import { CaseDecisionReleased } from '@towpath/contracts/console/CaseDecisionReleased.v1';
import { DecisionHoldOver } from '@towpath/contracts/console/DecisionHoldOver.v1';
import { SendDecision } from '@towpath/contracts/console/SendDecision.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import { reviewCases } from './review-case.js';

const EMITS = [CaseDecisionReleased, SendDecision] as const;

/**
 * The undo window is over. That the decision leaves is recorded before anything is sent: an undo comes either before, and nothing
 * leaves, or after, and is refused.
 */
@Handles(DecisionHoldOver, { emits: EMITS })
export class ReleaseDecision implements Handler<typeof DecisionHoldOver, typeof EMITS> {
  reads({ data }: Received<typeof DecisionHoldOver>): Reads {
    return { streams: [reviewCases.of(data.reviewId)] };
  }

  handle({ data }: Received<typeof DecisionHoldOver>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { reviewId, decisionId } = data;
    const { pending } = state.of(reviewCases, reviewId);
    if (pending?.decisionId !== decisionId || pending.phase !== 'held') return [];
    const released = emit(CaseDecisionReleased, { reviewId, decisionId, releasedAt: state.now.getTime() });
    return [released, remind(SendDecision, state.now, data)];
  }
}

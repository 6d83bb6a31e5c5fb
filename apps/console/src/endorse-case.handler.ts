import { CaseEndorsed } from '@towpath/contracts/console/CaseEndorsed.v1';
import { ReviewEndorsed } from '@towpath/contracts/platform/ReviewEndorsed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { reviewCases } from './review-case.js';

const EMITS = [CaseEndorsed] as const;

/** The owner counted one of the people that a review needs; the case is free for the next. */
@Handles(ReviewEndorsed, { emits: EMITS })
export class EndorseCase implements Handler<typeof ReviewEndorsed, typeof EMITS> {
  reads({ data }: Received<typeof ReviewEndorsed>): Reads {
    return { streams: [reviewCases.of(data.reviewId)] };
  }

  handle({ data }: Received<typeof ReviewEndorsed>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { reviewId, actor, decision, editedHash, needed, endorsedAt } = data;
    if (state.of(reviewCases, reviewId).status !== 'open') return [];
    return [emit(CaseEndorsed, { reviewId, actor, decision, editedHash, needed, endorsedAt })];
  }
}

import { Injectable } from '@nestjs/common';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { waitsOf, type WaitDefinition } from '@towpath/sagas/definition';
import { decide } from '@towpath/sagas/saga.decider';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { currentWaitReview } from './current-wait-review.js';
import { EMITS, emissionsOf, waitReviewId } from './emissions.js';
import { needsHumanReview, needsHumanReviewId } from './needs-human.js';
import { openQuestionOf } from './open-question.js';
import { Registry } from './registry.js';
import { follow, steeredSaga, steeringReads, type SteeredSaga } from './steer-saga.js';
import { retry, skip } from './steering.js';

type Decision = Received<typeof DecideReview>['data'];

/** A person decides what a saga asked: what becomes of a step that it can't settle by itself, or whether it goes on at all. */
@Injectable()
@Handles(DecideReview, { emits: EMITS })
export class DecideSagaReview implements Handler<typeof DecideReview, typeof EMITS> {
  constructor(
    private readonly desk: ReviewDesk,
    private readonly registry: Registry,
  ) {}

  reads({ data }: Received<typeof DecideReview>): Reads {
    return this.desk.reads(data, () => steeringReads(data.subjectId));
  }

  handle({ data }: Received<typeof DecideReview>, state: DecisionState): readonly Emission[] {
    const saga = (): SteeredSaga => steeredSaga(this.registry, state, data.subjectId);
    const { verdict, messages } = this.desk.judge(data, state, () => currentReview(saga(), data));
    if (verdict !== 'approve' && verdict !== 'reject') return [...messages];
    const after = followed(saga(), verdict, data);
    return [...messages, ...after.filter((emission) => !closes(emission, data))];
  }
}

/** What would be asked now; nothing when the saga has gone on without it. */
function currentReview(saga: SteeredSaga, decision: Decision): ReviewRequest | undefined {
  const wait = waitAskedBy(saga, decision);
  if (wait) return currentWaitReview(saga, wait);
  const isOurs = decision.reviewId === needsHumanReviewId(decision.subjectId);
  return isOurs && openQuestionOf(saga.state) ? needsHumanReview(saga.definition, saga.state) : undefined;
}

function waitAskedBy({ definition }: SteeredSaga, { reviewId, subjectId }: Decision): WaitDefinition | undefined {
  return waitsOf(definition).find(({ name, person }) => person && waitReviewId(subjectId, name) === reviewId);
}

function followed(saga: SteeredSaga, verdict: 'approve' | 'reject', decision: Decision): readonly Emission[] {
  const wait = waitAskedBy(saga, decision);
  return wait ? answered(saga, wait, verdict, decision) : settled(saga, verdict, decision);
}

function answered(
  { definition, state, content, now }: SteeredSaga,
  { name: part }: WaitDefinition,
  decision: 'approve' | 'reject',
  { actor, reason }: Decision,
): readonly Emission[] {
  const input = { kind: 'person', part, decision, actor, reason } as const;
  return emissionsOf(definition, state, decide(definition, { state, content, now }, input), now);
}

/** Approved is what the review proposed: another try where there can be one. A rejection takes the step as settled by hand, or leaves all as it is. */
function settled(
  saga: SteeredSaga,
  verdict: 'approve' | 'reject',
  { subjectId, actor, reason }: Decision,
): readonly Emission[] {
  const question = openQuestionOf(saga.state);
  if (!question || (!question.canRetry && verdict === 'reject')) return [];
  const asked = { sagaId: subjectId, step: question.step, actor, reason };
  return follow(saga, question.canRetry && verdict === 'approve' ? retry(saga, asked) : skip(saga, asked));
}

/** The decision closes its review itself. */
function closes({ contract, data }: Emission, { reviewId }: Decision): boolean {
  return contract === ReviewClosed && (data as ReviewClosed).reviewId === reviewId;
}

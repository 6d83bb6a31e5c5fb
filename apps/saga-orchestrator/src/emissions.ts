import { contractsProducedBy } from '@towpath/contracts/catalogue';
import type { Contract } from '@towpath/contracts/contract';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { waitsOf, type SagaDefinition } from '@towpath/sagas/definition';
import type { Message, ReviewWanted } from '@towpath/sagas/message';
import { partOf, type SagaState } from '@towpath/sagas/saga-state';
import { stateAfter } from '@towpath/sagas/state-after';
import { emit, raise, type Emission } from '@towpath/service-kit/message';
import { requestReview, type ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { needsHumanReview } from './needs-human.js';

export const SERVICE = 'saga-orchestrator';

/** What decisions of sagas may append: whatever this service may produce, for any definition may ask for it. */
export const EMITS: readonly Contract[] = contractsProducedBy(SERVICE);

/**
 * What a decision appends, as the pipeline takes it. All of a saga stands one step after its beginning: a definition bounds how often it asks,
 * so that its length is no loop.
 */
export function emissionsOf(
  definition: SagaDefinition,
  state: SagaState,
  messages: readonly Message[],
  now: Date,
): readonly Emission[] {
  const { origin } = state;
  const asked = messages.map((message) => emissionOf(definition, message, state));
  const all = [...asked, ...reviewsAfter(definition, state, messages, now)];
  if (!origin) return all;
  const { taint, ...story } = origin;
  return all.map((emission) => (taint === undefined ? { ...emission, story } : raise({ ...emission, story }, taint)));
}

function emissionOf(definition: SagaDefinition, message: Message, { sagaId }: SagaState): Emission {
  const { contract, data, id, dueAt } = message;
  if (contract === ReviewRequested) return requestReview(waitReview(definition, sagaId, data as ReviewWanted));
  return { contract, data, ...(id !== undefined && { id }), ...(dueAt && { dueAt }) };
}

function needsHuman(messages: readonly Message[]): boolean {
  return messages.some(({ contract, data }) => contract === SagaEnded && (data as SagaEnded).outcome === 'needs_human');
}

/** The id of the review that a wait of a saga asks for. */
export function waitReviewId(sagaId: string, part: string): string {
  return `saga-${sagaId}-${part}`;
}

/** What a wait of a saga asks of a person. */
export function waitReview({ name, version }: SagaDefinition, sagaId: string, wanted: ReviewWanted): ReviewRequest {
  const { part, reason, evidence, roles, amount } = wanted;
  return {
    ...{ reviewId: waitReviewId(sagaId, part), service: SERVICE, subjectType: 'saga', subjectId: sagaId },
    ...{ reason, action: 'ContinueSaga', arguments: { sagaId, definition: name, version, part }, evidence },
    ...(roles && { roles }),
    ...(amount && { amount }),
  };
}

/** What becomes of reviews: those of waits that are over are, too, and a saga that can't go on asks for one. */
function reviewsAfter(
  definition: SagaDefinition,
  before: SagaState,
  messages: readonly Message[],
  now: Date,
): readonly Emission[] {
  const asking = waitsOf(definition).filter(({ name, person }) => person && isOpen(before, name));
  const stops = needsHuman(messages);
  if (asking.length === 0 && !stops) return [];
  const after = stateAfter(before, messages, now);
  const over = asking.filter(({ name }) => !isOpen(after, name));
  return [
    ...over.map(({ name }) => {
      const reviewId = waitReviewId(before.sagaId, name);
      return emit(ReviewClosed, { reviewId, outcome: 'superseded', actor: null });
    }),
    ...(stops ? [requestReview(needsHumanReview(definition, after))] : []),
  ];
}

function isOpen(state: SagaState, name: string): boolean {
  return partOf(state, name).act.state === 'running';
}

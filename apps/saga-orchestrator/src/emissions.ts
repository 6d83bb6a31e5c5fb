import { contractsProducedBy } from '@towpath/contracts/catalogue';
import type { Contract } from '@towpath/contracts/contract';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import type { SagaDefinition } from '@towpath/sagas/definition';
import type { Message, ReviewWanted } from '@towpath/sagas/message';
import type { SagaState } from '@towpath/sagas/saga-state';
import { stateAfter } from '@towpath/sagas/state-after';
import { raise, type Emission } from '@towpath/service-kit/message';
import { requestReview } from '@towpath/service-kit/reviews/request-review';
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
  const all = needsHuman(messages)
    ? [...asked, requestReview(needsHumanReview(definition, stateAfter(state, messages, now)))]
    : asked;
  if (!origin) return all;
  const { taint, ...story } = origin;
  return all.map((emission) => (taint === undefined ? { ...emission, story } : raise({ ...emission, story }, taint)));
}

function emissionOf(definition: SagaDefinition, message: Message, { sagaId }: SagaState): Emission {
  const { contract, data, id, dueAt } = message;
  if (contract === ReviewRequested) return reviewOf(definition, sagaId, data as ReviewWanted);
  return { contract, data, ...(id !== undefined && { id }), ...(dueAt && { dueAt }) };
}

function needsHuman(messages: readonly Message[]): boolean {
  return messages.some(({ contract, data }) => contract === SagaEnded && (data as SagaEnded).outcome === 'needs_human');
}

/** The id of the review that a wait of a saga asks for. */
export function waitReviewId(sagaId: string, part: string): string {
  return `saga-${sagaId}-${part}`;
}

function reviewOf({ name, version }: SagaDefinition, sagaId: string, wanted: ReviewWanted): Emission {
  const { part, reason, evidence, roles, amount } = wanted;
  return requestReview({
    ...{ reviewId: waitReviewId(sagaId, part), service: SERVICE, subjectType: 'saga', subjectId: sagaId },
    ...{ reason, action: 'ContinueSaga', arguments: { sagaId, definition: name, version, part }, evidence },
    ...(roles && { roles }),
    ...(amount && { amount }),
  });
}

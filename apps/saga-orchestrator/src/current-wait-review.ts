import type { WaitDefinition } from '@towpath/sagas/definition';
import { partOf } from '@towpath/sagas/saga-state';
import { Turn } from '@towpath/sagas/turn';
import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { waitReview } from './emissions.js';
import type { SteeredSaga } from './steer-saga.js';

/** What a wait asked of a person, made again from the same facts, those of when it began; undefined when it waits no more. */
export function currentWaitReview(
  { definition, state, content }: SteeredSaga,
  { name, person }: WaitDefinition,
): ReviewRequest | undefined {
  const { act } = partOf(state, name);
  if (!person || act.state !== 'running') return undefined;
  const facts = new Turn(definition, { state, content, now: new Date(act.at) }).facts();
  return waitReview(definition, state.sagaId, { part: name, ...person(facts) });
}

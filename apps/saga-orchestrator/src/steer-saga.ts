import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { decide } from '@towpath/sagas/saga.decider';
import { sagas } from '@towpath/sagas/saga-state';
import { stateAfter } from '@towpath/sagas/state-after';
import type { DecisionState, Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { contents } from './contents.js';
import { emissionsOf } from './emissions.js';
import { needsHumanReviewId } from './needs-human.js';
import { openSagas } from './open-sagas.projection.js';
import type { Registry } from './registry.js';
import type { Steered, Steering } from './steering.js';

export interface SteeredSaga extends Steered {
  /** personal data of the event that began it, as JSON; null when it has none or they were erased */
  readonly content: string | null;
}

/** What a decision of a person about a saga has to read. */
export function steeringReads(sagaId: string): Reads {
  return { streams: [sagas.of(sagaId)], opens: [contents.of(sagaId)], rows: [openSagas.at(sagaId)] };
}

/** The saga as the person's command finds it, with the personal data of its beginning. Throws `Permanent` SAGA_UNKNOWN. */
export function steeredSaga(registry: Registry, state: DecisionState, sagaId: string): SteeredSaga {
  const saga = state.of(sagas, sagaId);
  if (saga.status === 'none') throw new Permanent('SAGA_UNKNOWN', `there is no saga ${sagaId}`);
  const definition = registry.definitionOf(saga.definition, saga.version);
  const content = saga.personal ? (state.opened(SagaContentKept, sagaId)?.content ?? null) : null;
  return { definition, state: saga, content, now: state.now };
}

/** What a person decided becomes an event of the saga, and the saga goes on from there as after any answer. */
export function follow({ definition, state, content, now }: SteeredSaga, steering: Steering): readonly Emission[] {
  const after = stateAfter(state, [steering], now);
  const messages = decide(definition, { state: after, content, now }, { kind: 'look' });
  return [steering, ...emissionsOf(definition, after, messages, now)];
}

/** One command of a person. A review that asked about the same thing is over with it. */
export function steerSaga<Asked extends { readonly sagaId: string; readonly actor: string }>(
  registry: Registry,
  state: DecisionState,
  asked: Asked,
  decideOn: (steered: Steered, asked: Asked) => Steering,
): readonly Emission[] {
  const saga = steeredSaga(registry, state, asked.sagaId);
  const [steering, ...rest] = follow(saga, decideOn(saga, asked));
  if (saga.state.status !== 'needs_human') return [steering!, ...rest];
  const reviewId = needsHumanReviewId(asked.sagaId);
  return [steering!, emit(ReviewClosed, { reviewId, outcome: 'superseded', actor: asked.actor }), ...rest];
}

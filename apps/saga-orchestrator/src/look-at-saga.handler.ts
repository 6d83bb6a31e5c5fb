import { Injectable } from '@nestjs/common';
import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { SagaLookDue } from '@towpath/contracts/sagas/SagaLookDue.v1';
import { decide } from '@towpath/sagas/saga.decider';
import { sagas } from '@towpath/sagas/saga-state';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { contents } from './contents.js';
import { EMITS, emissionsOf } from './emissions.js';
import { openSagas } from './open-sagas.projection.js';
import { Registry } from './registry.js';

/** A timer of a saga fired: a time-out, the pause before another attempt, the deadline, or nothing any more. */
@Injectable()
@Handles(SagaLookDue, { emits: EMITS })
export class LookAtSaga implements Handler<typeof SagaLookDue, typeof EMITS> {
  constructor(private readonly registry: Registry) {}

  reads({ data: { sagaId, personal } }: Received<typeof SagaLookDue>): Reads {
    const opens = personal ? [contents.of(sagaId)] : [];
    return { streams: [sagas.of(sagaId)], rows: [openSagas.at(sagaId)], opens };
  }

  handle({ data, time }: Received<typeof SagaLookDue>, state: DecisionState): readonly Emission[] {
    const { sagaId, personal } = data;
    const saga = state.of(sagas, sagaId);
    if (saga.status === 'none') return [];
    const definition = this.registry.definitionOf(saga.definition, saga.version);
    const content = personal ? (state.opened(SagaContentKept, sagaId)?.content ?? null) : null;
    // The database let it fire: by its clock the time has come.
    const now = new Date(Math.max(state.now.getTime(), time.getTime()));
    return emissionsOf(definition, saga, decide(definition, { state: saga, content, now }, { kind: 'look' }), now);
  }
}

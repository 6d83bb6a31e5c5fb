import { Injectable } from '@nestjs/common';
import { CancelSaga } from '@towpath/contracts/sagas/CancelSaga.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { EMITS } from './emissions.js';
import { Registry } from './registry.js';
import { steeringReads, steerSaga } from './steer-saga.js';
import { cancel } from './steering.js';

/** A person wants what a saga did undone. */
@Injectable()
@Handles(CancelSaga, { emits: EMITS })
export class CancelOneSaga implements Handler<typeof CancelSaga, typeof EMITS> {
  constructor(private readonly registry: Registry) {}

  reads({ data }: Received<typeof CancelSaga>): Reads {
    return steeringReads(data.sagaId);
  }

  handle({ data }: Received<typeof CancelSaga>, state: DecisionState): readonly Emission[] {
    return steerSaga(this.registry, state, data, cancel);
  }
}

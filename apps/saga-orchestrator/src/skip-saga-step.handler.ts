import { Injectable } from '@nestjs/common';
import { SkipSagaStep } from '@towpath/contracts/sagas/SkipSagaStep.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { EMITS } from './emissions.js';
import { Registry } from './registry.js';
import { steeringReads, steerSaga } from './steer-saga.js';
import { skip } from './steering.js';

/** A person takes a step, or its undo, as settled by hand. */
@Injectable()
@Handles(SkipSagaStep, { emits: EMITS })
export class SkipOneStep implements Handler<typeof SkipSagaStep, typeof EMITS> {
  constructor(private readonly registry: Registry) {}

  reads({ data }: Received<typeof SkipSagaStep>): Reads {
    return steeringReads(data.sagaId);
  }

  handle({ data }: Received<typeof SkipSagaStep>, state: DecisionState): readonly Emission[] {
    return steerSaga(this.registry, state, data, skip);
  }
}

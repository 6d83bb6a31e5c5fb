import { Injectable } from '@nestjs/common';
import { RetrySagaStep } from '@towpath/contracts/sagas/RetrySagaStep.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { EMITS } from './emissions.js';
import { Registry } from './registry.js';
import { steeringReads, steerSaga } from './steer-saga.js';
import { retry } from './steering.js';

/** A person has a failed step, or its undo, tried again. */
@Injectable()
@Handles(RetrySagaStep, { emits: EMITS })
export class RetryOneStep implements Handler<typeof RetrySagaStep, typeof EMITS> {
  constructor(private readonly registry: Registry) {}

  reads({ data }: Received<typeof RetrySagaStep>): Reads {
    return steeringReads(data.sagaId);
  }

  handle({ data }: Received<typeof RetrySagaStep>, state: DecisionState): readonly Emission[] {
    return steerSaga(this.registry, state, data, retry);
  }
}

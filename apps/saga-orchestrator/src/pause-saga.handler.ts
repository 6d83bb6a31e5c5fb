import { Injectable } from '@nestjs/common';
import { PauseSaga } from '@towpath/contracts/sagas/PauseSaga.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { EMITS } from './emissions.js';
import { Registry } from './registry.js';
import { steeringReads, steerSaga } from './steer-saga.js';
import { pause } from './steering.js';

/** A person stops a saga from beginning anything more. */
@Injectable()
@Handles(PauseSaga, { emits: EMITS })
export class PauseOneSaga implements Handler<typeof PauseSaga, typeof EMITS> {
  constructor(private readonly registry: Registry) {}

  reads({ data }: Received<typeof PauseSaga>): Reads {
    return steeringReads(data.sagaId);
  }

  handle({ data }: Received<typeof PauseSaga>, state: DecisionState): readonly Emission[] {
    return steerSaga(this.registry, state, data, pause);
  }
}

import { Injectable } from '@nestjs/common';
import { ResumeSaga } from '@towpath/contracts/sagas/ResumeSaga.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { EMITS } from './emissions.js';
import { Registry } from './registry.js';
import { steeringReads, steerSaga } from './steer-saga.js';
import { resume } from './steering.js';

/** A person lets a paused saga go on. */
@Injectable()
@Handles(ResumeSaga, { emits: EMITS })
export class ResumeOneSaga implements Handler<typeof ResumeSaga, typeof EMITS> {
  constructor(private readonly registry: Registry) {}

  reads({ data }: Received<typeof ResumeSaga>): Reads {
    return steeringReads(data.sagaId);
  }

  handle({ data }: Received<typeof ResumeSaga>, state: DecisionState): readonly Emission[] {
    return steerSaga(this.registry, state, data, resume);
  }
}

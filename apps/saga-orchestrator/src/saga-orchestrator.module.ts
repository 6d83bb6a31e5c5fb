import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { sagas } from '@towpath/sagas/saga-state';
import type { EventStore } from '@towpath/event-store/types';
import { InjectStore } from '@towpath/service-kit/platform';
import { Service } from '@towpath/service-kit/service';
import { CancelOneSaga } from './cancel-saga.handler.js';
import { contents } from './contents.js';
import { DecideSagaReview } from './decide-saga-review.handler.js';
import { LookAtSaga } from './look-at-saga.handler.js';
import { openSagas, openVersions } from './open-sagas.projection.js';
import { PauseOneSaga } from './pause-saga.handler.js';
import { Registry, SagaVersionMissing } from './registry.js';
import { ResumeOneSaga } from './resume-saga.handler.js';
import { RetryOneStep } from './retry-saga-step.handler.js';
import { RunSagas } from './run-sagas.handler.js';
import { SkipOneStep } from './skip-saga-step.handler.js';

/** Refuses to start without a definition that some instance began with: it could neither go on nor be undone. */
@Injectable()
class VersionsAreKept implements OnApplicationBootstrap {
  constructor(
    @InjectStore() private readonly store: Pick<EventStore, 'query'>,
    private readonly registry: Registry,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const { name, version } of await openVersions(this.store)) {
      if (!this.registry.has(name, version)) throw new SagaVersionMissing(name, version);
    }
  }
}

/** What people decide about sagas. */
const people = [CancelOneSaga, PauseOneSaga, ResumeOneSaga, RetryOneStep, SkipOneStep, DecideSagaReview];

/** Runs every saga: sends its commands, hears its replies, and undoes what was done. */
@Service({
  name: 'saga-orchestrator',
  handlers: [RunSagas, LookAtSaga, ...people],
  aggregates: [sagas, contents],
  projections: [openSagas],
  providers: [{ provide: Registry, useFactory: () => new Registry() }, VersionsAreKept],
})
export class SagaOrchestratorModule {}

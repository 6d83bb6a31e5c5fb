import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { Service } from '@towpath/service-kit/service';
import { CaseDesk } from './case-desk.js';
import { CloseCase } from './close-case.handler.js';
import { consoleConfig } from './config.js';
import { DecideCase } from './decide-case.js';
import { EndorseCase } from './endorse-case.handler.js';
import { EscalateCase } from './escalate-case.handler.js';
import { EventStream } from './event-stream.js';
import { AccessGuard } from './http/access.js';
import { CasesController } from './http/cases.controller.js';
import { DecisionsController } from './http/decisions.controller.js';
import { EventsController } from './http/events.controller.js';
import { FailedTries } from './http/failed-tries.js';
import { OpenApi } from './http/open-api.js';
import { ProblemFilter } from './http/problem-filter.js';
import { SelfController } from './http/self.controller.js';
import { IngressClient } from './ingress-client.js';
import { MissAnswer } from './miss-answer.handler.js';
import { OpenCase } from './open-case.handler.js';
import { openCases } from './open-cases.projection.js';
import { ReleaseDecision } from './release-decision.handler.js';
import { RevealCase } from './reveal-case.js';
import { reviewCases } from './review-case.js';
import { SendDecisionHandler } from './send-decision.handler.js';
import { TokenBook } from './token-book.js';

export const controllers = [CasesController, DecisionsController, EventsController, SelfController];

export const handlers = [
  OpenCase,
  CloseCase,
  EndorseCase,
  EscalateCase,
  ReleaseDecision,
  SendDecisionHandler,
  MissAnswer,
];

/** Lets people decide what agents and rules propose; what they decide leaves as deliveries that they signed. */
@Service({
  name: 'console',
  config: consoleConfig,
  handlers,
  aggregates: [reviewCases],
  projections: [openCases],
  controllers,
  providers: [
    ...[TokenBook, CaseDesk, DecideCase, RevealCase, EventStream, IngressClient, OpenApi, FailedTries],
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
  prepare: (app) => app.get(OpenApi).describe(app),
})
export class ConsoleModule {}

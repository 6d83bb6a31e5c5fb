import { Service } from '@towpath/service-kit/service';
import { AnswerEcho } from './answer-echo.handler.js';
import { echo } from './echo.js';
import { TakeBackEcho } from './take-back-echo.handler.js';

/** A participant that calls nobody: what a saga over it costs is what sagas cost. For benchmarks only; the platform does not start it. */
@Service({ name: 'echo', handlers: [AnswerEcho, TakeBackEcho], aggregates: [echo] })
export class EchoModule {}

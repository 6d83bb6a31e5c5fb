import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { StoreUnavailable } from '@towpath/event-store/errors';
import type { Logger } from '@towpath/service-kit/logger';
import { InjectLogger } from '@towpath/service-kit/platform';
import type { FastifyReply } from 'fastify';
import { CaseRefused } from '../case-desk.js';
import { Problem, problemOf } from './problem.js';

/** Every error of a route is answered as a problem document; one of ours is in the log and says nothing outside. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@InjectLogger() private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const problem = this.problemFor(error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    for (const [name, value] of Object.entries(problem.more.headers ?? {})) void reply.header(name, value);
    // As bytes: for a text the media type would get a charset, which it does not have.
    const body = Buffer.from(JSON.stringify(problem.document()));
    void reply.code(problem.status).header('content-type', 'application/problem+json').send(body);
  }

  private problemFor(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof CaseRefused) return problemOf(error.refused);
    if (error instanceof StoreUnavailable) {
      return new Problem(503, 'STORE_UNAVAILABLE', 'the database is away; try again', {
        headers: { 'retry-after': '2' },
      });
    }
    const status = statusOf(error);
    if (status === 404) return new Problem(404, 'ROUTE_UNKNOWN', 'there is no such route; see /openapi.json');
    if (status === 413) return new Problem(413, 'BODY_TOO_LARGE', 'a body has at most 256 kB');
    if (status === 415) return new Problem(415, 'MEDIA_TYPE_REFUSED', 'send Content-Type: application/json');
    if (status !== undefined && status < 500)
      return new Problem(400, 'REQUEST_MALFORMED', 'the request could not be read; check its JSON');
    this.logger.error({ err: error }, 'request.failed');
    return new Problem(500, 'INTERNAL', 'something failed on our side and is in the log; try again later');
  }
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  return (error as { statusCode?: number }).statusCode;
}

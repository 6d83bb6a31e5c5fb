import { createParamDecorator, Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { TokenRole } from '@towpath/sources/token';
import type { FastifyRequest } from 'fastify';
import { isAtLeast } from '../review-case.decider.js';
import { TokenBook, type Caller } from '../token-book.js';
import { FailedTries } from './failed-tries.js';
import { Problem } from './problem.js';

/** Metadata key of the least role that a route takes. */
export const LEAST_ROLE = 'console:least-role';

/** The least role that may use a route; `public` needs no token. A route without it takes nobody. */
export const Access = (least: TokenRole | 'public') => SetMetadata(LEAST_ROLE, least);

type Authenticated = FastifyRequest & { caller?: Caller };

/** The person of the request. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<Authenticated>();
  if (!caller) throw new Problem(401, 'TOKEN_MISSING', 'this route takes a token');
  return caller;
});

/** Lets a request through when its token's role is at least the route's. What names no role lets nobody through. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenBook,
    private readonly tries: FailedTries,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const least = this.reflector.get<TokenRole | 'public' | undefined>(LEAST_ROLE, context.getHandler());
    if (least === 'public') return true;
    const request = context.switchToHttp().getRequest<Authenticated>();
    const caller = this.callerOf(request);
    if (least === undefined || !isAtLeast(caller.role, least)) {
      throw new Problem(403, 'ROLE_NOT_ALLOWED', `${caller.role} may not; this takes ${least ?? 'nobody'}`);
    }
    request.caller = caller;
    return true;
  }

  private callerOf(request: FastifyRequest): Caller {
    const now = Date.now();
    const address = request.raw.socket.remoteAddress ?? '';
    const waitSeconds = this.tries.waitSeconds(address, now);
    if (waitSeconds > 0) {
      const headers = { 'retry-after': String(waitSeconds) };
      throw new Problem(429, 'TOO_MANY_TRIES', 'too many wrong tokens from this address; wait', { headers });
    }
    const [, text] = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(request.headers.authorization ?? '') ?? [];
    const challenge = { headers: { 'www-authenticate': 'Bearer realm="towpath console"' } };
    if (text === undefined) {
      throw new Problem(
        401,
        'TOKEN_MISSING',
        'send Authorization: Bearer TOKEN; `towpath token create` makes one',
        challenge,
      );
    }
    const caller = this.tokens.callerOf(text, now);
    if (caller) return caller;
    this.tries.failed(address, now);
    throw new Problem(401, 'TOKEN_INVALID', 'the token is unknown, revoked or over; make another', challenge);
  }
}

import 'reflect-metadata';
import { Module, RequestMethod, type ExecutionContext } from '@nestjs/common';
import { NestFactory, Reflector } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLogger, LOGGER } from '@towpath/service-kit/logger';
import { newToken, TOKEN_ROLES, type TokenRole } from '@towpath/sources/token';
import type { Token } from '@towpath/sources/tokens';
import { CONFIG, EVENT_STORE } from '@towpath/service-kit/platform';
import { CaseDesk, CaseRefused } from '../case-desk.js';
import { controllers } from '../console.module.js';
import { DecideCase } from '../decide-case.js';
import { EventStream } from '../event-stream.js';
import { RevealCase } from '../reveal-case.js';
import { TokenBook } from '../token-book.js';
import { AccessGuard, LEAST_ROLE } from './access.js';
import { FailedTries } from './failed-tries.js';
import { OpenApi } from './open-api.js';
import { ProblemFilter } from './problem-filter.js';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly least: string | undefined;
}

/** Every route of the controllers, from Nest's own metadata. */
const routes: readonly Route[] = controllers.flatMap((controller) => {
  const prototype = controller.prototype as object;
  const base = Reflect.getMetadata('path', controller) as string;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = (prototype as Record<string, object>)[name]!;
    const path = Reflect.getMetadata('path', handler) as string | undefined;
    if (path === undefined || name === 'constructor') return [];
    const method = RequestMethod[Reflect.getMetadata('method', handler) as number]!;
    const full = `/${base}/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
    return [{ method, path: full, least: Reflect.getMetadata(LEAST_ROLE, handler) as string | undefined }];
  });
});

/** Who may use which route: what is not here is nobody's. */
const MATRIX: Readonly<Record<string, TokenRole | 'public'>> = {
  'GET /cases': 'viewer',
  'GET /cases/:reviewId': 'viewer',
  'GET /cases/:reviewId/history': 'viewer',
  'POST /cases/:reviewId/assign': 'supervisor',
  'POST /cases/:reviewId/claim': 'reviewer',
  'POST /cases/:reviewId/release': 'reviewer',
  'POST /cases/:reviewId/reveal': 'reviewer',
  'POST /cases/:reviewId/decisions': 'reviewer',
  'DELETE /cases/:reviewId/decisions/:decisionId': 'reviewer',
  'GET /events': 'viewer',
  'GET /me': 'viewer',
  'GET /openapi.json': 'public',
};

const unknown = (): Promise<never> =>
  Promise.reject(new CaseRefused({ code: 'CASE_UNKNOWN', detail: 'there is no such case' }));
const logger = createLogger('console', 'silent').logger;

@Module({
  controllers,
  providers: [
    ...[AccessGuard, ProblemFilter, OpenApi, Reflector, TokenBook, FailedTries],
    { provide: LOGGER, useValue: logger },
    { provide: CONFIG, useValue: { TOKENS_FILE: '/nowhere/tokens.yaml' } },
    { provide: EVENT_STORE, useValue: { query: () => Promise.resolve([]) } },
    { provide: CaseDesk, useValue: { read: unknown, act: unknown } },
    { provide: DecideCase, useValue: { decide: unknown } },
    { provide: RevealCase, useValue: { reveal: unknown } },
    { provide: EventStream, useValue: { hasRoom: false } },
  ],
})
class Routes {}

describe('the routes of the console', () => {
  let app: NestFastifyApplication;
  const tokens = new Map<TokenRole, string>();

  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(Routes, new FastifyAdapter(), {
      ...{ logger: false, abortOnError: false, bodyParser: false },
    });
    app.useGlobalGuards(app.get(AccessGuard));
    app.useGlobalFilters(app.get(ProblemFilter));
    app.get(OpenApi).describe(app);
    const book = app.get(TokenBook);
    Object.assign(book, { onModuleInit: () => undefined });
    await app.init();
    const kept: Record<string, Token> = {};
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    for (const role of TOKEN_ROLES) {
      const { id, text, hash } = newToken();
      tokens.set(role, text);
      kept[id] = { person: role, role, hash, publicKey: null, createdAt: expiresAt, expiresAt };
    }
    const over = newToken();
    tokens.set('over' as TokenRole, over.text);
    const past = new Date(0).toISOString();
    kept[over.id] = {
      person: 'old',
      role: 'admin',
      hash: over.hash,
      publicKey: null,
      createdAt: past,
      expiresAt: past,
    };
    book.replace(kept);
  });
  afterAll(() => app.close());

  async function ask(method: string, path: string, token?: string, headers: Record<string, string> = {}) {
    const url = path.replace(':reviewId', 'r1').replace(':decisionId', 'd1');
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const response = await app.inject({ method: method as 'GET', url, headers: { ...authorization, ...headers } });
    return {
      status: response.statusCode,
      type: response.headers['content-type'],
      body: response.json<{ code: string }>(),
    };
  }

  it('are those of the matrix, each with its least role', () => {
    const found = Object.fromEntries(routes.map(({ method, path, least }) => [`${method} ${path}`, least]));
    expect(found).toEqual(MATRIX);
  });

  const cases = routes.flatMap(({ method, path, least }) =>
    TOKEN_ROLES.map((role) => [method, path, role, least === 'public' || isAtLeast(role, least)] as const),
  );
  it.each(cases)('%s %s lets %s in: %s', async (method, path, role, allowed) => {
    const { status } = await ask(method, path, tokens.get(role));
    if (allowed) expect(status).not.toBe(403);
    else expect(status).toBe(403);
    expect(status).not.toBe(401);
  });

  it.each(routes.filter(({ least }) => least !== 'public'))(
    '$method $path takes a token in force',
    async ({ method, path }) => {
      for (const token of [undefined, newToken().text, 'nonsense', tokens.get('over' as TokenRole)]) {
        const { status, type } = await ask(method, path, token);
        expect([status, type]).toEqual([401, 'application/problem+json']);
        app.get(FailedTries).forget('127.0.0.1');
      }
    },
  );

  it('let nobody use a route that names no role', () => {
    const guard = app.get(AccessGuard);
    const request = { headers: { authorization: `Bearer ${tokens.get('admin')}` }, raw: { socket: {} } };
    const context = { getHandler: () => ask, switchToHttp: () => ({ getRequest: () => request }) };
    expect(() => guard.canActivate(context as unknown as ExecutionContext)).toThrow('ROLE_NOT_ALLOWED');
  });

  it('make an address wait that tried many wrong tokens, also with a right one', async () => {
    for (let n = 0; n < 30; n += 1) await ask('GET', '/me', newToken().text);
    expect(await ask('GET', '/me', tokens.get('admin'))).toMatchObject({
      status: 429,
      body: { code: 'TOO_MANY_TRIES' },
    });
    app.get(FailedTries).forget('127.0.0.1');
  });

  it.each([
    ['an unknown route', 'GET', '/nowhere', {}, 404, 'ROUTE_UNKNOWN'],
    ['an unknown case', 'GET', '/cases/r1', {}, 404, 'CASE_UNKNOWN'],
    ['a change without If-Match', 'POST', '/cases/r1/claim', {}, 428, 'PRECONDITION_MISSING'],
    ['a change with another tag', 'POST', '/cases/r1/claim', { 'if-match': 'W/"x"' }, 400, 'ETAG_MALFORMED'],
    ['a body that does not fit', 'POST', '/cases/r1/reveal', {}, 422, 'FIELDS_INVALID'],
    ['a page that is too long', 'GET', '/cases?limit=1000', {}, 422, 'FIELDS_INVALID'],
    ['a cursor of nobody', 'GET', '/cases?cursor=abc', {}, 422, 'CURSOR_INVALID'],
    ['more followers than there is room for', 'GET', '/events', {}, 503, 'STREAMS_TOO_MANY'],
    ['an event id that is none', 'GET', '/events', { 'last-event-id': 'x' }, 400, 'EVENT_ID_MALFORMED'],
  ])('answer %s as a problem document with a stable code', async (_what, method, path, headers, status, code) => {
    const answer = await ask(method, path, tokens.get('admin'), headers);
    expect([answer.status, answer.type, answer.body.code]).toEqual([status, 'application/problem+json', code]);
  });

  it('are described by the OpenAPI document, each with the problems that it answers', async () => {
    const { body } = await ask('GET', '/openapi.json');
    const document = body as unknown as {
      paths: Record<string, Record<string, { responses: object; security?: object }>>;
    };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
    );
    expect(described.sort()).toEqual(Object.keys(MATRIX).sort());
    const decide = document.paths['/cases/{reviewId}/decisions']!['post']!;
    expect(Object.keys(decide.responses)).toEqual(
      expect.arrayContaining(['201', '401', '403', '404', '409', '412', '422', '428']),
    );
    expect(decide.security).toEqual([{ bearer: [] }]);
  });
});

function isAtLeast(role: TokenRole, least: string | undefined): boolean {
  return least !== undefined && TOKEN_ROLES.indexOf(role) >= TOKEN_ROLES.indexOf(least as TokenRole);
}

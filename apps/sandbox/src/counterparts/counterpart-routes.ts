import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Counterpart } from '../behaviour.js';
import type { CallRing } from '../call-ring.js';
import type { Act, Acts, Call } from './acts.js';

/** Routes of one counterpart: they check credentials, keep calls, and misbehave as they are told. */
export class CounterpartRoutes {
  constructor(
    private readonly app: FastifyInstance,
    private readonly acts: Acts,
    private readonly calls: CallRing,
    private readonly provider: Counterpart,
  ) {}

  /** A mutating call. `read` gives what is asked, or throws CounterpartRefusal; `answer` makes the reply from what was done. */
  act(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    read: (request: FastifyRequest) => Omit<Call, 'provider'>,
    answer: (act: Act) => { readonly status?: number; readonly body: object },
    refusal?: RefusalBody,
  ): void {
    this.app.route({
      method,
      url: `/${this.provider}${path}`,
      handler: async (request, reply) => {
        const seen = this.seen(request);
        const call = this.checked(request, () => ({ provider: this.provider, ...read(request) }), refusal);
        const ending = await this.acts.call(call);
        if (ending.kind === 'silence') return reply.hijack();
        if (ending.kind === 'reset') return reset(request, reply);
        if (ending.kind === 'status')
          throw refused(new CounterpartRefusal(ending.status, ending.message), refusal, ending.code);
        const { status = 200, body } = answer(ending.act);
        seen.status = status;
        return reply.code(status).send(body);
      },
    });
  }

  read(path: string, body: (request: FastifyRequest) => object): void {
    this.app.get(`/${this.provider}${path}`, async (request, reply) => {
      const seen = this.seen(request);
      const fate = this.acts.behaviours.next([`${this.provider}-read`], request.url);
      if (fate.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, fate.latencyMs));
      if (fate.hang || fate.actThenHang) return reply.hijack();
      if (fate.reset || fate.actThenReset) return reset(request, reply);
      if (fate.failStatus !== undefined || fate.actThen500)
        throw new CounterpartRefusal(fate.failStatus ?? 500, fate.failMessage);
      const found = this.checked(request, () => body(request));
      seen.status = 200;
      return reply.send(found);
    });
  }

  private checked<T>(request: FastifyRequest, read: () => T, refusal?: RefusalBody): T {
    const needsKey = this.provider !== 'hooks';
    const isKnown = /^(Bearer|Basic|Token) ./.test(request.headers.authorization ?? '') || headerOf(request, 'api-key');
    if (needsKey && !isKnown) throw new CounterpartRefusal(401, 'no credentials');
    try {
      return read();
    } catch (error) {
      throw error instanceof CounterpartRefusal ? refused(error, refusal, null) : error;
    }
  }

  private seen(request: FastifyRequest) {
    return this.calls.add({
      time: new Date().toISOString(),
      method: request.method,
      path: request.url.split('?')[0] ?? '',
      idempotencyKey: headerOf(request, 'idempotency-key'),
      traceparent: headerOf(request, 'traceparent'),
      tracestate: headerOf(request, 'tracestate'),
      status: null,
    });
  }
}

/** How a provider words a refusal, where it is not `{"error": …}`. `code` is its own, or null. */
export type RefusalBody = (message: string, code: string | null) => object;

/** A refusal with a status, as most APIs word it. */
export class CounterpartRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    readonly body: object = { error: message },
  ) {
    super(message);
  }
}

function refused(error: CounterpartRefusal, word: RefusalBody | undefined, code: string | null): CounterpartRefusal {
  if (!word) return error;
  return new CounterpartRefusal(error.status, error.message, error.headers, word(error.message, code));
}

/** By what a call is recognised as an effect's, where the provider keeps no metadata of ours. */
export function markOf(request: FastifyRequest): Pick<Act, 'effectId' | 'idempotencyKey'> {
  const idempotencyKey = headerOf(request, 'idempotency-key');
  return { idempotencyKey, effectId: /^towpath-([0-9a-f]{32})$/.exec(idempotencyKey ?? '')?.[1] ?? null };
}

export function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

/** The JSON object of a request; refuses anything else. */
export function jsonOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(request.body));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new CounterpartRefusal(400, 'the body is no JSON object');
}

export function paramOf(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string | undefined>)[name] ?? '';
}

export function queryOf(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

/** The object under a name, empty when there is none. */
export function objectIn(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
}

export function textIn(value: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const found = value[name];
  return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined;
}

function reset(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.raw.socket.destroy();
  return reply.hijack();
}

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DeliverySpans, ROUTE } from './delivery-spans.js';
import { HEADERS_MAX, limitServer } from './http-limits.js';
import { BODY_BYTES_MAX } from './parse-body.js';
import type { Arrival, DeliveryReceiver } from './receive-delivery.js';
import { problemOf, PROBLEM_TYPE, statusOf, type Refusal } from './refusal.js';

/** Told about every delivery that was refused; must not throw and must not make the answer wait. */
export type OnRefused = (arrival: Arrival, refusal: Refusal, bodyBytes: number) => void;

export interface RouteOptions {
  readonly receiver: DeliveryReceiver;
  readonly onRefused: OnRefused;
  /** an error of ours, not the sender's */
  readonly onError: (error: Error) => void;
  /** default: nothing is traced */
  readonly spans?: DeliverySpans;
}

type Route = Omit<RouteOptions, 'spans'> & Required<Pick<RouteOptions, 'spans'>>;

type Request = FastifyRequest<{ Params: { source: string } }>;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/i;
const NO_BODY = Buffer.alloc(0);
const OTHER_METHODS = ['GET', 'PUT', 'PATCH', 'DELETE'];

/** Adds `POST /webhooks/:source` in a scope of its own: raw bodies and problem documents there, nothing changed elsewhere. */
export async function addWebhookRoutes(server: FastifyInstance, given: RouteOptions): Promise<void> {
  const options: Route = { ...given, spans: given.spans ?? new DeliverySpans(undefined) };
  limitServer(server.server);
  await server.register(async (scope) => {
    if (given.spans) traceRequests(scope, given.spans);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    );
    scope.setErrorHandler<FastifyError>((error, request, reply) => {
      refuse(request as Request, reply, refusalOf(error, options.onError), options);
    });
    scope.route<{ Params: { source: string } }>({
      method: 'POST',
      url: ROUTE,
      onRequest: (request, reply, next) => {
        const refusal = refusalBeforeBody(request, options);
        if (refusal === null) return next();
        // What is left of the body would be read as the next request.
        void reply.header('connection', 'close');
        refuse(request, reply, refusal, options);
      },
      handler: async (request, reply) => {
        const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY;
        const outcome = await options.receiver.receive(arrivalOf(request, options.spans), body);
        if ('refusal' in outcome) return refuse(request, reply, outcome.refusal, options, body.length);
        return reply
          .code(202)
          .header('content-type', 'application/json')
          .send(`{"deliveryId":"${outcome.deliveryId}"}`);
      },
    });
    scope.route<{ Params: { source: string } }>({
      method: OTHER_METHODS,
      url: ROUTE,
      onRequest: (request, reply) => {
        void reply.header('allow', 'POST').header('connection', 'close');
        refuse(request, reply, METHOD_REFUSED, options);
      },
      handler: () => undefined,
    });
  });
}

const METHOD_REFUSED: Refusal = { code: 'METHOD_REFUSED', detail: 'Deliveries are posted; use POST.' };

/** Each request's span, from its arrival to its answer. */
function traceRequests(scope: FastifyInstance, spans: DeliverySpans): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    spans.arrived(request.raw);
    done();
  });
  scope.addHook('onResponse', (request, reply, done) => {
    spans.answered(request.raw, reply.statusCode);
    done();
  });
}

function refusalBeforeBody(request: Request, { receiver, spans }: Route): Refusal | null {
  const { headers, rawHeaders } = request.raw;
  if (rawHeaders.length > 2 * HEADERS_MAX) {
    return { code: 'HEADERS_TOO_MANY', detail: `There are more than ${HEADERS_MAX} headers; send fewer.` };
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return { code: 'ENCODING_REFUSED', detail: 'Compressed bodies are not taken; send the signed bytes as they are.' };
  }
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim();
  if (mediaType === undefined || !JSON_TYPE.test(mediaType)) {
    return { code: 'MEDIA_TYPE_REFUSED', detail: 'Only JSON is taken; send Content-Type: application/json.' };
  }
  return receiver.refusalBeforeBody(arrivalOf(request, spans));
}

function arrivalOf(request: Request, spans: DeliverySpans): Arrival {
  const { headers, rawHeaders, socket } = request.raw;
  const trace = spans.traceOf(request.raw);
  return { sourceName: request.params.source, peer: socket.remoteAddress ?? '', headers, rawHeaders, trace };
}

function refuse(
  request: Request,
  reply: FastifyReply,
  refusal: Refusal,
  { onRefused, spans }: Route,
  bodyBytes = 0,
): FastifyReply {
  if (refusal.retryAfterSeconds !== undefined) void reply.header('retry-after', String(refusal.retryAfterSeconds));
  void reply
    .code(statusOf(refusal.code))
    .header('content-type', PROBLEM_TYPE)
    .send(Buffer.from(problemOf(refusal)));
  spans.refused(request.raw, refusal.code);
  onRefused(arrivalOf(request, spans), refusal, bodyBytes);
  return reply;
}

function refusalOf(error: FastifyError, onError: (error: Error) => void): Refusal {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return {
        code: 'BODY_TOO_LARGE',
        detail: `A body has at most ${BODY_BYTES_MAX} bytes; send a reference instead.`,
      };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { code: 'MEDIA_TYPE_REFUSED', detail: 'Only JSON is taken; send Content-Type: application/json.' };
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return {
        code: 'REQUEST_MALFORMED',
        detail: 'The body is shorter or longer than its Content-Length; send them alike.',
      };
    default:
      if (error.statusCode !== undefined && error.statusCode < 500) {
        return {
          code: 'REQUEST_MALFORMED',
          detail: 'The request could not be read; check length, framing and headers.',
        };
      }
      onError(error);
      return { code: 'INTERNAL', detail: 'Something failed on our side and is in the log; send again later.' };
  }
}

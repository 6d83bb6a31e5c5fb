import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { CallRing } from './call-ring.js';
import type { SandboxConfig } from './config.js';
import { addSandboxRoutes } from './sandbox-routes.js';
import { StripeRefusal } from './stripe-error.js';
import { addStripeRoutes } from './stripe-routes.js';
import { StripeSandbox } from './stripe-sandbox.js';

const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** The sandbox as an HTTP server, not listening yet. Closing it leaves hanging calls unanswered. */
export async function createServer(
  config: Pick<SandboxConfig, 'TOWPATH_HOME' | 'LOG_LEVEL'>,
): Promise<FastifyInstance> {
  const sandbox = await StripeSandbox.open(config.TOWPATH_HOME);
  const calls = new CallRing();
  const app = Fastify({
    logger: { level: config.LOG_LEVEL, base: { service: 'sandbox' } },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: true,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body));
  app.setErrorHandler((error, _, reply) => {
    if (error instanceof StripeRefusal) return reply.code(error.status).send(error.body());
    if (error instanceof ZodError || error instanceof SyntaxError)
      return reply.code(400).send({ error: { type: 'invalid_request_error', message: error.message } });
    app.log.error({ err: error }, 'sandbox.failed');
    return reply.code(500).send({ error: { type: 'api_error', message: 'The sandbox failed; see its log.' } });
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('request-id', `req_${request.id}`);
  });
  addStripeRoutes(app, sandbox, calls);
  addSandboxRoutes(app, sandbox, calls);
  app.addHook('onClose', () => sandbox.close());
  return app;
}

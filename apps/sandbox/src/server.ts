import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { ZodError } from 'zod';
import { CallRing } from './call-ring.js';
import type { SandboxConfig } from './config.js';
import { addCounterparts } from './counterparts/add-counterparts.js';
import { CounterpartRefusal } from './counterparts/counterpart-routes.js';
import { addMailSink } from './counterparts/mail-sink.js';
import { addSandboxRoutes } from './sandbox-routes.js';
import { StripeRefusal } from './stripe-error.js';
import { addStripeRoutes } from './stripe-routes.js';
import { StripeSandbox } from './stripe-sandbox.js';
import { eventsOf, Webhooks } from './webhooks.js';

const BODY_BYTES_MAX = 4 * 1024 * 1024;

/** The sandbox as an HTTP server, not listening yet. Closing it leaves hanging calls unanswered. */
export async function createServer(
  config: Pick<
    SandboxConfig,
    'TOWPATH_HOME' | 'LOG_LEVEL' | 'SANDBOX_WEBHOOK_URL' | 'SANDBOX_WEBHOOK_SECRET' | 'SANDBOX_HOOK_SECRET'
  > &
    Partial<Pick<SandboxConfig, 'SMTP_PORT' | 'HOST'>>,
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
    if (error instanceof CounterpartRefusal) return reply.code(error.status).headers(error.headers).send(error.body);
    if (error instanceof StripeRefusal) return reply.code(error.status).send(error.body());
    if (error instanceof ZodError || error instanceof SyntaxError)
      return reply.code(400).send({ error: { type: 'invalid_request_error', message: error.message } });
    app.log.error({ err: error }, 'sandbox.failed');
    return reply.code(500).send({ error: { type: 'api_error', message: 'The sandbox failed; see its log.' } });
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('request-id', `req_${request.id}`);
  });
  const webhooks = webhooksOf(config, app);
  if (webhooks)
    sandbox.onActed = (seq, call, change) => webhooks.offer(seq, call.idempotencyKey, eventsOf(call, change));
  addStripeRoutes(app, sandbox, calls);
  addSandboxRoutes(app, sandbox, calls);
  app.addHook('onClose', async () => {
    await webhooks?.close();
    await sandbox.close();
  });
  const { behaviours } = sandbox;
  const acts = await addCounterparts(app, { config, behaviours, calls });
  if (config.SMTP_PORT !== undefined)
    addMailSink(app, acts, { port: config.SMTP_PORT, host: config.HOST ?? '127.0.0.1' });
  return app;
}

function webhooksOf(
  { SANDBOX_WEBHOOK_URL: url, SANDBOX_WEBHOOK_SECRET: secret }: Parameters<typeof createServer>[0],
  { log }: FastifyInstance,
): Webhooks | undefined {
  if (url === undefined || secret === undefined) return undefined;
  return new Webhooks({ url, secret }, (line, message) => log.warn(line, message));
}

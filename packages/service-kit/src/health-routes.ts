import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';
import type { Readiness } from './readiness.js';

/** `/livez`: the event loop turns. `/readyz`: the service can work, or why not. `/metrics`: Prometheus' text format. */
export function addHealthRoutes(server: FastifyInstance, readiness: Readiness, metrics: Metrics): void {
  server.get('/livez', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const state = await readiness.state();
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()),
  );
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { behaviourSchema } from './behaviour.js';
import type { CallRing } from './call-ring.js';
import { seededPayment, seedSchema } from './seed.js';
import type { StripeSandbox } from './stripe-sandbox.js';

const byId = z.object({ id: z.string().min(1).max(255) });
const SEEDS_MAX = 10_000;
const manySeeds = z.array(seedSchema.extend({ id: z.string().min(1).max(255) })).max(SEEDS_MAX);

/** What tests and the demo tell and ask the sandbox; Stripe has nothing like it. */
export function addSandboxRoutes(app: FastifyInstance, sandbox: StripeSandbox, calls: CallRing): void {
  app.get('/sandbox/health', async () => ({ status: 'ok', calls: calls.total, effects: sandbox.counts }));
  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/readyz', async () => ({ status: 'ok' }));
  app.get('/sandbox/calls', async () => ({ total: calls.total, calls: calls.latest() }));

  app.put('/sandbox/behaviour', async (request) => {
    const behaviour = behaviourSchema.parse(JSON.parse(String(request.body)));
    sandbox.behaviours.set(behaviour);
    return behaviour;
  });
  app.delete('/sandbox/behaviour', async (_, reply) => {
    sandbox.behaviours.clear();
    return reply.code(204).send();
  });

  app.put('/sandbox/payments/:id', async (request) => {
    const { id } = byId.parse(request.params);
    const payment = seededPayment(id, seedSchema.parse(JSON.parse(String(request.body))));
    await sandbox.seed(payment);
    return payment;
  });
  app.put('/sandbox/payments', async (request) => {
    const seeds = manySeeds.parse(JSON.parse(String(request.body)));
    await Promise.all(seeds.map(({ id, ...seed }) => sandbox.seed(seededPayment(id, seed))));
    return { seeded: seeds.length };
  });
}

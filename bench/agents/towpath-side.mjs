/* global AbortController */
import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { defineAgent } from '@towpath/agents/agent';
import { Runner } from '@towpath/agents/runner';
import { all } from '@towpath/contracts/catalogue';
import { openInspector } from '@towpath/event-store/inspect';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { answer } from './answer.mjs';

const agent = defineAgent({
  name: 'bench',
  version: '1',
  identity: { scopes: [] },
  instructions: { version: '1', text: 'decide' },
  input: z.object({ id: z.string(), n: z.number() }),
  output: z.object({ id: z.string(), verdict: z.string(), score: z.number() }),
  policy: async (input, run) => {
    const found = await run.step('look', () => Promise.resolve({ orders: input.n % 7 }));
    return run.step('decide', () => Promise.resolve(answer(input, found)));
  },
});

/** A run as a service makes it: its own store, set up by set-up, written by its own role, hash chain and all. */
export async function open({ databaseUrl, concurrency }) {
  const password = randomBytes(12).toString('hex');
  const passwords = { bench_service: password };
  await setupDatabase({ adminUrl: databaseUrl, services: ['bench'], contracts: all(), passwords, slot: null });
  const url = Object.assign(new URL(databaseUrl), { username: 'bench_service', password }).href;
  const store = openStore({ url, schema: 'bench', poolSize: Math.max(4, concurrency / 4) });
  const runner = new Runner({ store });
  const { signal } = new AbortController();
  let lastRun;
  let runs = 0;
  return {
    async run(input) {
      const id = randomUUID();
      const cause = {
        id,
        subject: 'bench',
        correlationId: id,
        hops: 1,
        path: ['RouteDelivery@9f86d081'],
        traceparent: null,
      };
      // As a queued handler's context says of a message that no worker had before: the append is what finds a run that exists.
      const { runId, decision } = await runner.run(agent, { input, cause, signal, firstTry: true });
      lastRun = runId;
      runs += 1;
      return decision;
    },
    async close() {
      await assertWhole(databaseUrl, store, runs, lastRun);
      await store.close();
    },
  };
}

/** What was fast must also be right: four events a run, and a chain that holds. */
async function assertWhole(databaseUrl, store, runs, lastRun) {
  const [{ events }] = await store.query('count_events', 'select count(*) as events from events', []);
  if (Number(events) !== runs * 4) throw new Error(`BENCH_WRONG: ${events} events of ${runs} runs`);
  const inspector = openInspector({ url: databaseUrl });
  try {
    const mismatches = await Array.fromAsync(inspector.verify({ schema: 'bench', stream: `agent-run-${lastRun}` }));
    if (mismatches.length > 0) throw new Error(`BENCH_WRONG: ${JSON.stringify(mismatches[0])}`);
  } finally {
    await inspector.close();
  }
}

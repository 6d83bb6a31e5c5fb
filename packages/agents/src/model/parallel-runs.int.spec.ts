import { randomUUID } from 'node:crypto';
import { openBudgets } from '@towpath/event-store/budgets';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import { z } from 'zod';
import { defineAgent } from '../agent.js';
import { runAgent } from '../testing/agent-kit.js';
import { GatewayWorld, verdictSchema } from './gateway.fixture.js';
import { openModelGateway } from './open-gateway.js';
import { runModel } from './run-model.js';

let database: SpecDatabase;
let world: GatewayWorld;

beforeAll(async () => {
  database = await createSpecDatabase();
  world = await GatewayWorld.start();
}, 60_000);
afterAll(async () => {
  await world?.stop();
  await database?.drop();
});

const RUNS = 64;
const CALLS_PER_RUN = 3;
const name = `judge-${randomUUID().slice(0, 8)}`;

const judge = defineAgent<{ text: string }, { answers: number }>({
  ...{ name, version: '1', identity: { scopes: [] }, instructions: { version: '1', text: 'Judge.' } },
  ...{ input: z.object({ text: z.string() }), output: z.object({ answers: z.number() }) },
  policy: async ({ text }, run) => {
    for (let call = 0; call < CALLS_PER_RUN; call++) {
      const input = [{ label: 'user' as const, text, taint: 'untrusted' as const, source: String(call) }];
      await run.model({ name: 'verdict', input, schema: verdictSchema, outputTokensMax: 50 });
    }
    return { answers: CALLS_PER_RUN };
  },
  fallback: () => ({ answers: 0 }),
});

describe('64 parallel runs of two services against one cap', () => {
  it('never exceed it by a micro-unit, and what they did not get they decide without', async () => {
    const cap = 20_000;
    const gateways = await Promise.all(
      [database.service, database.other].map((service) =>
        openModelGateway({
          config: world.config({ MODEL_AGENT_DAY_MICROS_MAX: String(cap), MODEL_CALLS_PER_SECOND: '10000' }),
          budgets: openBudgets({ url: database.urlOf(`${service}_service`), poolSize: 4 }),
        }),
      ),
    );
    // A call whose connection breaks may have been billed: it counts at its worst case, and as no answer.
    world.model.next(...Array<'reset'>(5).fill('reset'));
    const models = gateways.map((gateway) => runModel(gateway));
    const ended = await Promise.all(
      Array.from({ length: RUNS }, (_, run) =>
        runAgent(judge, { text: `payment ${run}` }, { model: models[run % 2]! }),
      ),
    );
    await Promise.all(gateways.map((gateway) => gateway.close()));

    const outcomes = ended.map(({ outcome }) => outcome);
    const told = outcomes.reduce((sum, { costMicros }) => sum + costMicros, 0);
    const [account] = await database.admin(
      `select spent_micros::int as spent, reserved_micros::int as reserved, refusals::int as refusals
       from budgets.accounts where scope = 'agent' and key like '% ' || $1`,
      [name],
    );
    expect(account).toMatchObject({ spent: told, reserved: 0 });
    expect(told).toBeLessThanOrEqual(cap);
    const refused = outcomes.filter(({ reasons }) => reasons.includes('FALLBACK MODEL_OVER_BUDGET'));
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(RUNS);
    for (const { decidedBy, status } of refused) expect([decidedBy, status]).toEqual(['analyst', 'decided']);
  }, 60_000);
});

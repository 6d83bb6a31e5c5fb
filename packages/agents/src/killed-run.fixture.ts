import { setTimeout as delay } from 'node:timers/promises';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { openStore } from '@towpath/event-store/pool';
import { startReplica, type SpecPlace } from '@towpath/service-kit/consuming.fixture';
import { Handles, type DecisionState, type WorkContext } from '@towpath/service-kit/handles';
import { emit, type Received } from '@towpath/service-kit/message';
import { pino } from 'pino';
import { z } from 'zod';
import { defineAgent } from './agent.js';
import type { Outcome } from './outcome.js';
import { Runner } from './runner.js';
import { scriptedModel } from './testing/agent-kit.js';
import { defineTool } from './tool.js';

/** Where a run of this agent can be cut off, in the order in which they come: within each step, and when all are done. */
export const POINTS = ['look', 'history', 'opinion', 'weigh', 'end'] as const;

/** How long a run that is to be cut off hangs at its point. */
const HANG_MS = 300_000;

const place = process.env['SPEC_PLACE'] ? (JSON.parse(process.env['SPEC_PLACE']) as SpecPlace) : undefined;
const hangs = process.env['SPEC_HANGS'] === 'yes';
const log = pino();

/** Says what is done, and hangs where its run is to be killed. */
async function at(point: string, run: string, cutAt: string): Promise<void> {
  log.info({ run, point }, 'spec.done');
  if (!hangs || point !== cutAt) return;
  log.info({ run, point }, 'spec.hangs');
  await delay(HANG_MS);
}

const history = defineTool({
  name: 'history',
  description: 'how often it was deployed',
  input: z.object({ run: z.string(), cutAt: z.string() }),
  output: z.object({ deploys: z.number() }),
  run: async ({ run, cutAt }) => {
    await at('history', run, cutAt);
    return { deploys: 4 };
  },
});

const agent = defineAgent({
  name: 'cut-off',
  version: '1',
  identity: { scopes: [] },
  instructions: { version: '1', text: 'weigh it' },
  tools: [history],
  limits: { wallMs: HANG_MS },
  input: z.object({ run: z.string(), cutAt: z.string() }),
  output: z.object({ verdict: z.string() }),
  policy: async ({ run: key, cutAt }, run) => {
    const seen = await run.step('look', () => at('look', key, cutAt).then(() => 3));
    const { deploys } = await run.tool(history, { run: key, cutAt });
    const { value } = await run.model({
      name: 'opinion',
      schema: z.object({ doubt: z.number() }),
      input: [{ label: 'user', text: `${key} ${cutAt}`, taint: 'untrusted', source: 'spec' }],
    });
    return run.step('weigh', async () => {
      await at('weigh', key, cutAt);
      return { verdict: `${seen + deploys + value.doubt}` };
    });
  },
});

/** Decides by a run, and has one effect. */
@Handles(DeployCompleted, { mode: 'queued', emits: [AlertTriggered], concurrency: POINTS.length })
export class DecideByRun {
  private readonly runner = place && runnerOf(place);

  async work({ data, ...cause }: Received<typeof DeployCompleted>, { signal, firstTry }: WorkContext) {
    const input = { run: data.deployId, cutAt: data.environment };
    const outcome = await this.runner!.run(agent, { input, cause, signal, firstTry });
    await at('end', data.deployId, data.environment);
    return outcome;
  }

  handle({ data }: Received<typeof DeployCompleted>, _state: DecisionState, outcome: unknown) {
    const { decision } = outcome as Outcome<{ verdict: string }>;
    const name = decision?.verdict ?? 'none';
    return [
      emit(AlertTriggered, {
        ...{ alertId: data.deployId, name, severity: '', summary: '', alertedService: null, triggeredAt: 0 },
      }),
    ];
  }
}

function runnerOf({ url, schema }: SpecPlace): Runner {
  const model = scriptedModel({
    opinion: async ({ input }) => {
      const [run = '', cutAt = ''] = input[0]!.text.split(' ');
      await at('opinion', run, cutAt);
      return { doubt: 0.5 };
    },
  });
  return new Runner({ store: openStore({ url, schema }), model });
}

// As a program: a replica in a process of its own, which the spec kills. Its log goes to standard output.
if (place) {
  await startReplica(place, { handlers: [DecideByRun] }, log, (error) => {
    throw error;
  });
}

import { MemoryBudgets } from '@towpath/event-store/memory-budgets.fixture';
import { ScriptedModel } from '@towpath/testing/scripted-model/server';
import { z } from 'zod';
import { modelConfig, type ModelConfig } from './model-config.js';
import type { ModelError } from './model-error.js';
import type { ModelExchange } from './model-exchange.js';
import type { ModelGateway, ModelRequest } from './model-gateway.js';
import { openModelGateway } from './open-gateway.js';

/** What the specs ask for. */
export const verdictSchema = z.object({
  verdict: z.enum(['approve', 'decline', 'review']),
  confidence: z.number().min(0).max(1),
  reasons: z.array(z.string()).min(1),
});

export const RIGHT = { verdict: 'approve', confidence: 0.9, reasons: ['known customer'] };

/** A question of the spec's agent. */
export function question(changes: Partial<ModelRequest<z.infer<typeof verdictSchema>>> = {}) {
  return {
    agent: 'judge',
    runId: 'run-1',
    step: 'judge#1',
    instructions: { version: '1', text: 'Judge the payment.' },
    parts: [{ label: 'payment', text: 'EUR 12.00 for socks', taint: 'provider', source: 'evt_1' }],
    schema: verdictSchema,
    schemaName: 'verdict',
    limits: { runCostMicrosMax: 1_000_000 },
    ...changes,
  } as ModelRequest<z.infer<typeof verdictSchema>> & { tools?: undefined };
}

/** A scripted model and gateways to it, closed together. */
export class GatewayWorld {
  readonly budgets = new MemoryBudgets();
  readonly exchanges: ModelExchange[] = [];
  readonly settlementFailures: unknown[] = [];
  /** name and state, as they changed */
  readonly breakerChanges: (readonly [name: string, state: string])[] = [];
  private readonly gateways: ModelGateway[] = [];

  private constructor(readonly model: ScriptedModel) {}

  static async start(): Promise<GatewayWorld> {
    const model = await ScriptedModel.start();
    model.script('verdict', () => RIGHT);
    return new GatewayWorld(model);
  }

  /** A gateway with a cache of nothing and short times unless told otherwise. */
  async gateway(settings: Partial<Record<keyof ModelConfig, string>> = {}): Promise<ModelGateway> {
    const gateway = await openModelGateway({
      config: this.config(settings),
      budgets: this.budgets,
      observer: {
        exchanged: (exchange) => void this.exchanges.push(exchange),
        settlementFailed: (_agent, error) => void this.settlementFailures.push(error),
        breakerChanged: (name, state) => void this.breakerChanges.push([name, state]),
      },
    });
    this.gateways.push(gateway);
    return gateway;
  }

  config(settings: Partial<Record<keyof ModelConfig, string>> = {}): ModelConfig {
    return modelConfig.parse({
      OPENAI_BASE_URL: this.model.baseUrl,
      OPENAI_API_KEY: 'key-of-the-spec',
      MODEL_TIMEOUT_MS: '2000',
      MODEL_CACHE_ENTRIES_MAX: '0',
      MODEL_BREAKER_OPEN_MS: '60000',
      ...settings,
    });
  }

  async stop(): Promise<void> {
    for (const gateway of this.gateways) await gateway.close();
    await this.model.stop();
  }
}

/** The ModelError that a question ends in. */
export async function failureOf(answer: Promise<unknown>): Promise<ModelError> {
  return answer.then(
    () => Promise.reject(new Error('it was answered')),
    (error: ModelError) => error,
  );
}

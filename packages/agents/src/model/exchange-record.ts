import type { ModelExchange } from './model-exchange.js';

/** Recorded exchanges: what a replay answers from. */
export interface ExchangeRecord {
  /** those of a run, oldest first; empty for an unknown run */
  exchangesOf(runId: string): Promise<readonly ModelExchange[]>;
}

/** A record of exchanges that are at hand. */
export function recordOf(exchanges: readonly ModelExchange[]): ExchangeRecord {
  const byRun = new Map<string, ModelExchange[]>();
  for (const exchange of exchanges) {
    const known = byRun.get(exchange.runId);
    if (known) known.push(exchange);
    else byRun.set(exchange.runId, [exchange]);
  }
  return { exchangesOf: async (runId) => byRun.get(runId) ?? [] };
}

import type { Logger } from '@towpath/service-kit/logger';
import type { Metrics } from '@towpath/service-kit/metrics';
import type { ModelObserver } from './model-observer.js';

/** What exchanges come to, on `/metrics`: figures only, no content. */
export function modelMetrics(metrics: Metrics, logger: Logger): Omit<ModelObserver, 'breakerChanged'> {
  const exchanges = metrics.counter('towpath_model_exchanges_total');
  const durations = metrics.histogram('towpath_model_exchange_duration_seconds');
  const tokens = metrics.counter('towpath_model_tokens_total');
  const cost = metrics.counter('towpath_model_cost_dollars_total');
  const unsettled = metrics.counter('towpath_model_settlements_failed_total');
  return {
    exchanged({ agent, runId, step, outcome, cached, detail, latencyMs, usage, costMicros, attempts }) {
      exchanges.add(1, { agent, outcome: cached ? 'cached' : outcome });
      durations.record(latencyMs / 1_000, { agent });
      if (usage.inputTokens > 0) tokens.add(usage.inputTokens, { agent, direction: 'input' });
      if (usage.outputTokens > 0) tokens.add(usage.outputTokens, { agent, direction: 'output' });
      if (costMicros > 0) cost.add(costMicros / 1_000_000, { agent });
      if (outcome !== 'answered') logger.warn({ agent, runId, step, code: outcome, detail, attempts }, 'model.failed');
    },
    settlementFailed(agent, error) {
      unsettled.add(1, { agent });
      logger.error({ agent, err: error }, 'model.settlement_failed');
    },
  };
}

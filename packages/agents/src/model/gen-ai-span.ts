import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ModelExchange } from './model-exchange.js';

/** The span of one exchange. */
export interface ExchangeSpan {
  /** runs the exchange inside of the span, so that what it sends is under it */
  within<T>(work: () => Promise<T>): Promise<T>;
  ended(exchange: ModelExchange): void;
}

interface Asked {
  readonly agent: string;
  readonly runId: string;
  readonly step: string;
  readonly model: string;
  readonly outputTokensMax: number;
  readonly server: URL | null;
}

/**
 * Spans and metrics by the conventions for generative AI; never a prompt or an answer.
 * Source: https://opentelemetry.io/docs/specs/semconv/gen-ai/
 */
export function startExchange({ agent, runId, step, model, outputTokensMax, server }: Asked): ExchangeSpan {
  const span = trace.getTracer('towpath/agents').startSpan(`chat ${model}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': model,
      'gen_ai.request.max_tokens': outputTokensMax,
      'gen_ai.output.type': 'json',
      'gen_ai.agent.name': agent,
      'towpath.run.id': runId,
      'towpath.run.step': step,
      ...(server && { 'server.address': server.hostname, 'server.port': portOf(server) }),
    },
  });
  return {
    within: (work) => context.with(trace.setSpan(context.active(), span), work),
    ended(exchange) {
      span.setAttributes({
        'gen_ai.response.model': exchange.model,
        'gen_ai.usage.input_tokens': exchange.usage.inputTokens,
        'gen_ai.usage.output_tokens': exchange.usage.outputTokens,
        'towpath.model.attempts': exchange.attempts,
        'towpath.model.cached': exchange.cached,
        'towpath.model.cost_micros': exchange.costMicros,
      });
      if (exchange.outcome !== 'answered')
        span.setAttribute('error.type', exchange.outcome).setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      measure(exchange);
    },
  };
}

/** The conventions' two metrics; they go nowhere unless the process has a meter provider. */
function measure({ request, model, usage, latencyMs, outcome, agent }: ModelExchange): void {
  const meter = metrics.getMeter('towpath/agents');
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': request.model,
    'gen_ai.response.model': model,
    'gen_ai.agent.name': agent,
  };
  const tokens = meter.createHistogram('gen_ai.client.token.usage', { unit: '{token}' });
  tokens.record(usage.inputTokens, { ...attributes, 'gen_ai.token.type': 'input' });
  tokens.record(usage.outputTokens, { ...attributes, 'gen_ai.token.type': 'output' });
  const failed = outcome === 'answered' ? {} : { 'error.type': outcome };
  meter
    .createHistogram('gen_ai.client.operation.duration', { unit: 's' })
    .record(latencyMs / 1_000, { ...attributes, ...failed });
}

function portOf({ port, protocol }: URL): number {
  return Number(port) || (protocol === 'https:' ? 443 : 80);
}

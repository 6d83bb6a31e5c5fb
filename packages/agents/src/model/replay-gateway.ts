import { canonicalRequest, firstDifference, requestHash, type CanonicalRequest } from './canonical-request.js';
import type { ExchangeRecord } from './exchange-record.js';
import { judgeReply } from './judge-reply.js';
import type { ModelConfig } from './model-config.js';
import { ModelError } from './model-error.js';
import type { ModelExchange } from './model-exchange.js';
import type { ModelAnswer, ModelGateway, ModelRequest, ModelToolRequest } from './model-gateway.js';

/**
 * Answers from the record and never asks anybody. A request finds its exchange by its hash among those of the same run; what was
 * recorded as a failure fails the same way. Figures are the recorded ones: a replay costs nothing, but decides as then.
 */
export class ReplayGateway implements ModelGateway {
  readonly mode = 'replay';

  constructor(
    private readonly record: ExchangeRecord,
    private readonly config: Pick<ModelConfig, 'OPENAI_MODEL' | 'MODEL_OUTPUT_TOKENS_MAX'>,
  ) {}

  complete<T>(request: ModelRequest<T> & { readonly tools?: undefined }): Promise<ModelAnswer<T>>;
  complete<T>(request: ModelRequest<T>): Promise<ModelAnswer<T> | ModelToolRequest>;
  async complete<T>(request: ModelRequest<T>): Promise<ModelAnswer<T> | ModelToolRequest> {
    const canonical = canonicalRequest(request, {
      model: this.config.OPENAI_MODEL,
      outputTokensMax: this.config.MODEL_OUTPUT_TOKENS_MAX,
    });
    const hash = requestHash(canonical);
    const recorded = await this.record.exchangesOf(request.runId);
    const same = recorded.filter((exchange) => exchange.requestHash === hash);
    const found = same.find(({ step }) => step === request.step) ?? same[0];
    if (found === undefined) throw miss(request, canonical, recorded);
    return replayed(request, found);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function replayed<T>(request: ModelRequest<T>, exchange: ModelExchange): ModelAnswer<T> | ModelToolRequest {
  const { outcome, detail, rawText, toolCalls, model, requestHash, usage, costMicros, latencyMs, cached } = exchange;
  if (outcome !== 'answered') throw new ModelError(outcome, detail ?? 'as recorded', { exchange });
  const around = { model, requestHash, rawText, usage, costMicros, latencyMs, cached, exchange };
  if (toolCalls.length > 0) return { kind: 'tools', toolCalls, ...around };
  const reply = { model, text: rawText, refusal: null, finishReason: 'stop', toolCalls: [], usage };
  const judged = judgeReply(request, reply);
  if (judged.kind === 'answer') return { ...judged, ...around };
  const why = judged.kind === 'off-schema' ? judged.detail : 'it asks for tools';
  throw new ModelError('MODEL_REPLAY_MISS', `the recorded answer of step ${request.step} can't be used: ${why}`);
}

/** Names the first field that differs from the exchange that was recorded for the step. */
function miss(request: ModelRequest, asked: CanonicalRequest, recorded: readonly ModelExchange[]): ModelError {
  const { runId, step, agent } = request;
  const nearest = recorded.find((exchange) => exchange.step === step) ?? recorded.find((one) => one.agent === agent);
  if (nearest === undefined) {
    const what = recorded.length === 0 ? 'no exchange' : `no exchange of ${agent}`;
    return new ModelError('MODEL_REPLAY_MISS', `the record holds ${what} of run ${runId}`);
  }
  const field = firstDifference(asked, nearest.request) ?? 'a field that the record lost';
  return new ModelError('MODEL_REPLAY_MISS', `step ${step} of run ${runId} asks something else: ${field} differs`);
}

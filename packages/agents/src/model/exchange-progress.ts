import { AttemptFailure } from './attempt-failure.js';
import { canonicalRequest, requestHash, type CanonicalRequest } from './canonical-request.js';
import type { ChatReply } from './chat-reply.js';
import type { ModelConfig } from './model-config.js';
import { ModelError, type ModelErrorCode } from './model-error.js';
import { NO_TOKENS, type ModelExchange, type TokenUsage } from './model-exchange.js';
import type { ModelRequest } from './model-gateway.js';

/** What is known of an exchange while it goes on; times are of the monotonic clock. */
export interface Progress<T> {
  readonly request: ModelRequest<T>;
  readonly canonical: CanonicalRequest;
  readonly hash: string;
  readonly startedAt: number;
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  attempts: number;
  costMicros: number;
  usage: TokenUsage;
  /** of the latest try */
  reply: ChatReply | undefined;
}

/** The start of an exchange. Throws only for a schema that can't be asked for, a mistake in code. */
export function begin<T>(request: ModelRequest<T>, config: ModelConfig, signal: AbortSignal | undefined): Progress<T> {
  const canonical = canonicalRequest(request, {
    model: config.OPENAI_MODEL,
    outputTokensMax: config.MODEL_OUTPUT_TOKENS_MAX,
  });
  const startedAt = performance.now();
  const timeoutMs = Math.min(request.limits.timeoutMs ?? config.MODEL_TIMEOUT_MS, config.MODEL_TIMEOUT_MS);
  return {
    ...{ request, canonical, hash: requestHash(canonical), startedAt, deadline: startedAt + timeoutMs, signal },
    ...{ attempts: 0, costMicros: 0, usage: NO_TOKENS, reply: undefined },
  };
}

/** Milliseconds until the exchange's time is over. */
export function leftMs({ deadline }: Pick<Progress<unknown>, 'deadline'>): number {
  return deadline - performance.now();
}

/** What the journal keeps, as of now. */
export function exchangeOf(progress: Progress<unknown>): ModelExchange {
  const { request, canonical, hash, reply, usage, attempts } = progress;
  return {
    agent: request.agent,
    runId: request.runId,
    step: request.step,
    requestHash: hash,
    request: canonical,
    model: reply?.model || canonical.model,
    outcome: 'answered',
    detail: null,
    rawText: reply?.text ?? '',
    toolCalls: [],
    ...{ usage, costMicros: progress.costMicros, attempts, cached: false },
    latencyMs: Math.round((performance.now() - progress.startedAt) * 1_000) / 1_000,
  };
}

/** Code and text of a failed exchange. What nobody foresaw is the model's failure, too: the agent decides without it. */
export function reasonOf(
  error: unknown,
  { signal, attempts }: Pick<Progress<unknown>, 'signal' | 'attempts'>,
): { readonly code: ModelErrorCode; readonly detail: string } {
  if (signal?.aborted) return { code: 'MODEL_ABORTED', detail: 'its caller let go of it' };
  if (error instanceof ModelError) return error;
  if (!(error instanceof AttemptFailure))
    return { code: 'MODEL_UNAVAILABLE', detail: `unexpected: ${error instanceof Error ? error.name : typeof error}` };
  return { code: error.code, detail: attempts > 1 ? `${error.detail}, ${attempts} tries` : error.detail };
}

export function added(left: TokenUsage, right: TokenUsage): TokenUsage {
  return {
    inputTokens: left.inputTokens + right.inputTokens,
    cachedInputTokens: left.cachedInputTokens + right.cachedInputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
  };
}

/** No time for another try, or for this one to begin. */
export function outOfTime(): AttemptFailure {
  const facts = { sent: false, billed: 'no' as const, mayPass: false, counts: false };
  return new AttemptFailure('MODEL_TIMEOUT', 'no time was left to send it', facts);
}

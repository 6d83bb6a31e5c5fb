import type { Budgets } from '@towpath/event-store/budgets';
import type { Resettable } from '@towpath/service-kit/breakers/breaker-resets';
import { AgentBreakers } from './agent-breakers.js';
import { AnswerCache } from './answer-cache.js';
import { AttemptFailure } from './attempt-failure.js';
import type { CanonicalRequest } from './canonical-request.js';
import type { ChatReply } from './chat-reply.js';
import { begin, exchangeOf, leftMs, outOfTime, reasonOf, type Progress } from './exchange-progress.js';
import { startExchange, type ExchangeSpan } from './gen-ai-span.js';
import { judgeReply } from './judge-reply.js';
import type { ModelConfig } from './model-config.js';
import { ModelError } from './model-error.js';
import type { ModelExchange } from './model-exchange.js';
import type { ModelAnswer, ModelGateway, ModelRequest, ModelToolRequest } from './model-gateway.js';
import type { ModelObserver } from './model-observer.js';
import type { OpenAiProvider, PreparedCall } from './openai-provider.js';
import { ATTEMPT_MS_MIN, PaidAttempts, type Usable } from './paid-attempts.js';
import { pause } from './pause.js';
import type { ModelPrice } from './prices.js';
import { waitBeforeRetry } from './retry-plan.js';

/** What a live gateway is made of. */
export interface LiveGatewayParts {
  readonly config: ModelConfig;
  readonly provider: OpenAiProvider;
  readonly price: ModelPrice;
  readonly budgets: Budgets;
  readonly observer: ModelObserver;
  /** looks at what would be sent, and throws when it must not be: the last guard for secrets */
  readonly screen?: (request: CanonicalRequest) => void;
}

/** An answer as the cache keeps it. */
type Kept = Pick<ChatReply, 'model' | 'text'>;

/** Names the breaker of the provider; an agent's own is `model/<agent>`. */
const MODEL = 'model';
const BACKOFF = { backoffBaseMs: 250, backoffMsMax: 4_000 };
const CACHE_CHARACTERS_MAX = 8_000_000;

/** Asks a model: cache, breaker, budget, call, check, settlement; tries again what may pass, within the exchange's time. */
export class LiveGateway implements ModelGateway {
  readonly mode = 'live';
  private readonly cache: AnswerCache<Kept>;
  private readonly agentBreakers: AgentBreakers;
  private readonly attempts: PaidAttempts;

  constructor(private readonly parts: LiveGatewayParts) {
    const { config } = parts;
    this.cache = new AnswerCache({
      entriesMax: config.MODEL_CACHE_ENTRIES_MAX,
      charactersMax: CACHE_CHARACTERS_MAX,
      ttlMs: config.MODEL_CACHE_MS_MAX,
    });
    this.agentBreakers = new AgentBreakers(
      { failures: config.MODEL_BREAKER_FAILURES, openMs: config.MODEL_BREAKER_OPEN_MS },
      (agent, state, cause) => parts.observer.breakerChanged(`${MODEL}/${agent}`, state, cause),
    );
    this.attempts = new PaidAttempts(parts);
  }

  get breakers(): readonly Resettable[] {
    const own = this.agentBreakers.agents.map((agent) => ({
      name: `${MODEL}/${agent}`,
      reset: () => this.agentBreakers.reset(agent),
    }));
    return [{ name: MODEL, reset: () => this.parts.provider.resetBreaker() }, ...own];
  }

  complete<T>(
    request: ModelRequest<T> & { readonly tools?: undefined },
    options?: { readonly signal?: AbortSignal },
  ): Promise<ModelAnswer<T>>;
  complete<T>(
    request: ModelRequest<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ModelAnswer<T> | ModelToolRequest>;
  async complete<T>(
    request: ModelRequest<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ModelAnswer<T> | ModelToolRequest> {
    const progress = begin(request, this.parts.config, options.signal);
    const { model, outputTokensMax } = progress.canonical;
    const span = startExchange({ ...request, model, outputTokensMax, server: this.parts.provider.origin });
    return span.within(async () => {
      try {
        return this.fromCache(progress, span) ?? (await this.ask(progress, span));
      } catch (error) {
        throw this.failed(progress, span, error);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.parts.provider.close(), this.parts.budgets.close()]);
  }

  private fromCache<T>(progress: Progress<T>, span: ExchangeSpan): ModelAnswer<T> | ModelToolRequest | undefined {
    const kept = this.cache.get(progress.hash);
    if (kept === undefined) return undefined;
    const reply: ChatReply = { ...kept, refusal: null, finishReason: 'stop', toolCalls: [], usage: null };
    const judged = judgeReply(progress.request, reply);
    // The same hash has the same JSON Schema; a check that this can't express may still differ.
    if (judged.kind !== 'answer') return undefined;
    progress.reply = reply;
    return this.finished(progress, span, judged, true);
  }

  private async ask<T>(progress: Progress<T>, span: ExchangeSpan): Promise<ModelAnswer<T> | ModelToolRequest> {
    this.screen(progress.canonical);
    const call = this.parts.provider.prepare(progress.canonical);
    const bytesMax = this.parts.config.MODEL_REQUEST_BYTES_MAX;
    if (call.bodyBytes > bytesMax)
      throw new ModelError('MODEL_OVER_BUDGET', `the request has ${call.bodyBytes} bytes, more than ${bytesMax}`);
    for (;;) {
      progress.signal?.throwIfAborted();
      try {
        const judged = await this.throughBreaker(progress, call);
        if (judged.kind === 'answer') this.keep(progress);
        return this.finished(progress, span, judged, false);
      } catch (error) {
        if (!(error instanceof AttemptFailure)) throw error;
        await this.waitOrThrow(progress, error);
      }
    }
  }

  private screen(canonical: CanonicalRequest): void {
    try {
      this.parts.screen?.(canonical);
    } catch (error) {
      const { code = 'refused' } = error as { code?: string };
      throw new ModelError('MODEL_UNAVAILABLE', `the prompt was withheld (${code})`, { cause: error });
    }
  }

  /** A half-open breaker lets calls wait for the one that tries; none waits longer than its own time. */
  private throughBreaker<T>(progress: Progress<T>, call: PreparedCall): Promise<Usable<T>> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(outOfTime()), Math.max(0, leftMs(progress)));
      const attempt = () => {
        clearTimeout(timer);
        return this.attempts.once(progress, call);
      };
      this.agentBreakers
        .execute(progress.request.agent, attempt)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  private async waitOrThrow<T>(progress: Progress<T>, failure: AttemptFailure): Promise<void> {
    const { config } = this.parts;
    const plan = {
      ...BACKOFF,
      attemptsMax: config.MODEL_ATTEMPTS_MAX,
      retryAfterMsMax: config.MODEL_RETRY_AFTER_MS_MAX,
    };
    const waitMs = waitBeforeRetry(plan, {
      attempt: progress.attempts,
      retryAfterMs: failure.facts.retryAfterMs ?? null,
      leftMs: leftMs(progress) - ATTEMPT_MS_MIN,
      random: Math.random(),
    });
    if (!failure.facts.mayPass || waitMs === null) throw failure;
    progress.reply = undefined;
    await pause(waitMs, progress.signal);
  }

  private keep({ hash, reply }: Progress<unknown>): void {
    if (reply !== undefined) this.cache.set(hash, { model: reply.model, text: reply.text }, reply.text.length);
  }

  private finished<T>(
    progress: Progress<T>,
    span: ExchangeSpan,
    judged: Usable<T>,
    cached: boolean,
  ): ModelAnswer<T> | ModelToolRequest {
    const toolCalls = judged.kind === 'tools' ? judged.toolCalls : [];
    const exchange = { ...exchangeOf(progress), toolCalls, cached };
    this.end(span, exchange);
    const { model, requestHash, rawText, usage, costMicros, latencyMs } = exchange;
    return { ...judged, model, requestHash, rawText, usage, costMicros, latencyMs, cached, exchange };
  }

  private failed(progress: Progress<unknown>, span: ExchangeSpan, error: unknown): ModelError {
    const { code, detail } = reasonOf(error, progress);
    const exchange: ModelExchange = { ...exchangeOf(progress), outcome: code, detail };
    this.end(span, exchange);
    return new ModelError(code, detail, { cause: error, exchange });
  }

  private end(span: ExchangeSpan, exchange: ModelExchange): void {
    span.ended(exchange);
    this.parts.observer.exchanged(exchange);
  }
}

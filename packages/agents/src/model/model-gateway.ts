import type { Resettable } from '@towpath/service-kit/breakers/breaker-resets';
import type { z } from 'zod';
import type { PromptPart } from '../prompt-part.js';
import type { ModelExchange, ModelToolCall } from './model-exchange.js';

/** A tool that a model may ask for. The gateway never runs one. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** of its arguments; an object */
  readonly parameters: z.ZodType;
}

/** A tool call of an earlier turn of the same conversation and what came of it. */
export interface ToolTurn {
  readonly call: ModelToolCall;
  /** JSON or text that goes back to the model */
  readonly result: string;
}

/** What bounds one exchange. Whatever is left out comes from the gateway's settings. */
export interface ExchangeLimits {
  /** what all exchanges of the run together may cost, in micro-units of the price file's currency */
  readonly runCostMicrosMax: number;
  /** from the call to the answer, waiting and tries included */
  readonly timeoutMs?: number;
  readonly outputTokensMax?: number;
}

/** A question to a model. */
export interface ModelRequest<T = unknown> {
  /** name of the agent; its day's budget pays */
  readonly agent: string;
  readonly runId: string;
  /** name of the step in the run; with the run's id it finds the exchange again when a story is replayed */
  readonly step: string;
  readonly instructions: { readonly version: string; readonly text: string };
  readonly parts: readonly PromptPart[];
  /** what the answer must be; an object. Its JSON Schema goes to the model, and the answer is checked with it again */
  readonly schema: z.ZodType<T>;
  /** letters, digits, `_` and `-`: the model sees it */
  readonly schemaName: string;
  readonly tools?: readonly OfferedTool[];
  /** earlier turns, oldest first */
  readonly turns?: readonly ToolTurn[];
  readonly limits: ExchangeLimits;
}

interface Exchanged {
  /** the model as the provider names it in its reply */
  readonly model: string;
  /** SHA-256 of the canonical request, hexadecimal */
  readonly requestHash: string;
  readonly rawText: string;
  readonly usage: ModelExchange['usage'];
  readonly costMicros: number;
  /** of the whole exchange; of a cached answer that of the look-up */
  readonly latencyMs: number;
  /** from this process's cache: nothing was sent and nothing paid */
  readonly cached: boolean;
  /** what the run's journal keeps of it */
  readonly exchange: ModelExchange;
}

/** The model answered what it was asked for. */
export interface ModelAnswer<T> extends Exchanged {
  readonly kind: 'answer';
  readonly value: T;
}

/** The model asks for tools first, each one that it was offered, with arguments that fit. Only when tools were offered. */
export interface ModelToolRequest extends Exchanged {
  readonly kind: 'tools';
  readonly toolCalls: readonly ModelToolCall[];
}

/** `live` asks a model; `replay` answers from the record only; `off`: there is no model. */
export type ModelMode = 'live' | 'replay' | 'off';

/**
 * The one way to a model. An exchange ends within its time-out in an answer, in a request for tools, or in a ModelError, which
 * carries what the journal keeps of it. Nothing here acts on what a model says.
 */
export interface ModelGateway {
  readonly mode: ModelMode;
  /** what a person may reset; none where nothing is asked */
  readonly breakers?: readonly Resettable[];
  /**
   * One exchange. Throws ModelError: MODEL_UNAVAILABLE, MODEL_TIMEOUT, MODEL_OVER_BUDGET, MODEL_OFF_SCHEMA (also for a tool that
   * was not offered), MODEL_REPLAY_MISS, MODEL_ABORTED.
   */
  complete<T>(
    request: ModelRequest<T> & { readonly tools?: undefined },
    options?: { readonly signal?: AbortSignal },
  ): Promise<ModelAnswer<T>>;
  complete<T>(
    request: ModelRequest<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<ModelAnswer<T> | ModelToolRequest>;
  close(): Promise<void>;
}

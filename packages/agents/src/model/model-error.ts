import type { ModelExchange } from './model-exchange.js';

/**
 * Stable codes of an exchange without an answer.
 * - `MODEL_UNAVAILABLE`: no model is configured, its provider refused, broke or is behind an open breaker, or no budget could be checked
 * - `MODEL_TIMEOUT`: no complete answer in time
 * - `MODEL_OVER_BUDGET`: the worst case of the call does not fit into what is left for the run, the agent or the day
 * - `MODEL_OFF_SCHEMA`: the answer is not what was asked for, or asks for a tool that was not offered
 * - `MODEL_REPLAY_MISS`: the record holds no exchange with this request
 * - `MODEL_ABORTED`: the caller let go of it: it was cancelled, its agent was stopped, or the process ends
 */
export type ModelErrorCode =
  | 'MODEL_UNAVAILABLE'
  | 'MODEL_TIMEOUT'
  | 'MODEL_OVER_BUDGET'
  | 'MODEL_OFF_SCHEMA'
  | 'MODEL_REPLAY_MISS'
  | 'MODEL_ABORTED';

/** An exchange without an answer. The message names cause and fix and never holds a prompt or an answer. */
export class ModelError extends Error {
  constructor(
    readonly code: ModelErrorCode,
    /** the message without its code */
    readonly detail: string,
    options: { readonly cause?: unknown; readonly exchange?: ModelExchange } = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ModelError';
    this.exchange = options.exchange;
  }

  /** what the journal keeps of it; absent when no exchange was begun, as without a model */
  readonly exchange: ModelExchange | undefined;
}

const FALLS_BACK: ReadonlySet<ModelErrorCode> = new Set([
  'MODEL_UNAVAILABLE',
  'MODEL_TIMEOUT',
  'MODEL_OVER_BUDGET',
  'MODEL_OFF_SCHEMA',
]);

/**
 * Whether an agent that met this error decides by its analyst instead. A replay that misses must not: its decision would be
 * another one than the recorded. Neither must a run that was told to stop.
 */
export function isFallbackCause(error: unknown): error is ModelError {
  return error instanceof ModelError && FALLS_BACK.has(error.code);
}

import type { CanonicalRequest } from './canonical-request.js';
import type { ModelErrorCode } from './model-error.js';

/** A tool call as a model asked for it; `arguments` fit the tool's schema. */
export interface ModelToolCall {
  /** the provider's id of the call */
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Tokens as the provider counted them. */
export interface TokenUsage {
  readonly inputTokens: number;
  /** of the input, those that the provider had cached and charges less for */
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** What the journal keeps of one exchange, and all that a replay needs of it: plain JSON. */
export interface ModelExchange {
  readonly agent: string;
  readonly runId: string;
  readonly step: string;
  readonly requestHash: string;
  /** the exact request; may hold personal data, so it is encrypted before it is stored */
  readonly request: CanonicalRequest;
  /** as the provider named it; the asked one when it did not answer */
  readonly model: string;
  readonly outcome: 'answered' | ModelErrorCode;
  /** of a failure: why, without any content */
  readonly detail: string | null;
  /** the answer word for word; may hold personal data */
  readonly rawText: string;
  readonly toolCalls: readonly ModelToolCall[];
  readonly usage: TokenUsage;
  /** what it cost or, where only the provider can tell, at most; in micro-units */
  readonly costMicros: number;
  readonly latencyMs: number;
  /** requests that were sent */
  readonly attempts: number;
  readonly cached: boolean;
}

/** Tokens of an exchange that brought none. */
export const NO_TOKENS: TokenUsage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

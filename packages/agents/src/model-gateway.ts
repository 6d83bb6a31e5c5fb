import type { z } from 'zod';
import type { AnyAgent, Instructions } from './agent.js';
import { ModelUnavailable, type Exchange } from './agent-errors.js';
import type { Limits } from './limits.js';
import type { PromptPart } from './prompt-part.js';
import type { AnyTool } from './tool.js';

/** What an agent asks a model. */
export interface ModelAsk<T> {
  /** names the prompt in the journal, such as `draft` */
  readonly name: string;
  /** default: the agent's */
  readonly instructions?: Instructions;
  readonly input: readonly PromptPart[];
  /** the answer must fit, or it is no answer */
  readonly schema: z.ZodType<T>;
  /** tokens of the answer at most */
  readonly outputTokensMax?: number;
  /** what the model may ask for instead of answering, and what it asked for so far; `converse` gives them */
  readonly tools?: readonly AnyTool[];
  readonly turns?: readonly ToolTurn[];
}

/** A use of a tool that a model asked for; its arguments fit. */
export interface ToolWish {
  readonly id: string;
  readonly tool: string;
  readonly args: unknown;
}

/** A tool that a model asked for, and what goes back to it. */
export interface ToolTurn extends ToolWish {
  readonly result: string;
}

/** Who asks, and what is left for it. */
export interface ModelCall {
  readonly agent: AnyAgent;
  readonly runId: string;
  /** the step's name in the run */
  readonly step: string;
  readonly left: Pick<Limits, 'tokens' | 'costMicros'>;
  /** milliseconds until the run's time is over: an answer after that is none */
  readonly leftMs?: number;
  readonly signal: AbortSignal;
  /** the person the run is about; empty for none */
  readonly subjectId: string;
  readonly correlationId: string;
}

/** What a model answered. */
export interface ModelAnswer<T> {
  readonly value: T;
  readonly exchange: Exchange;
}

/** The value of an answer to an `ask` with tools: the answer, or what the model wants to use first. */
export type Said<T> = { readonly answer: T } | { readonly wishes: readonly ToolWish[] };

/** The one way to a model. Throws ModelUnavailable, OverBudget or OffSchema, each with what was exchanged so far. */
export interface ModelGateway {
  /** `off`: nobody to ask, every question fails at once; absent as for one that asks */
  readonly mode?: 'live' | 'replay' | 'off';
  ask<T>(ask: ModelAsk<T>, call: ModelCall): Promise<ModelAnswer<T>>;
}

/** Without a model configured: every agent works by its analyst. */
export const noModel: ModelGateway = {
  mode: 'off',
  ask: () =>
    Promise.reject(
      new ModelUnavailable('MODEL_NOT_CONFIGURED', 'no model is configured; set OPENAI_API_KEY or OPENAI_BASE_URL'),
    ),
};

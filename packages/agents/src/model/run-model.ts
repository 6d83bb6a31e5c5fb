import { canonicalJson } from '@towpath/event-store/canonical-json';
import { Permanent } from '@towpath/service-kit/permanent';
import { ModelUnavailable, OffSchema, OverBudget, type Exchange, type ModelFailure } from '../agent-errors.js';
import { noModel, type ModelAsk, type ModelCall, type ModelGateway as RunModel, type Said } from '../model-gateway.js';
import { ModelError } from './model-error.js';
import type { ModelExchange } from './model-exchange.js';
import type { ModelAnswer, ModelGateway, ModelRequest, ModelToolRequest } from './model-gateway.js';

/** What runs ask, answered by a gateway: one exchange for each step of kind `model`, journaled with it. */
export function runModel(gateway: Pick<ModelGateway, 'complete' | 'mode'>): RunModel {
  if (gateway.mode === 'off') return noModel;
  return {
    mode: gateway.mode,
    async ask(ask, call) {
      try {
        const said = await gateway.complete(requestOf(ask, call), { signal: call.signal });
        return { value: valueOf(ask, said), exchange: journaledExchange(said.exchange) };
      } catch (error) {
        throw error instanceof ModelError ? runFailure(error, call.signal) : error;
      }
    },
  };
}

/** A slow model is to be a model's failure, which the breaker counts, before it is the end of the run's time. */
const MARGIN_MS = 25;

/** With tools the value says which it is: the answer, or what the model wants to use first. */
function valueOf<T>(ask: ModelAsk<T>, said: ModelAnswer<T> | ModelToolRequest): T {
  if (ask.tools === undefined && said.kind === 'answer') return said.value;
  const value: Said<T> =
    said.kind === 'answer'
      ? { answer: said.value }
      : { wishes: said.toolCalls.map(({ id, name, arguments: args }) => ({ id, tool: named(ask, name), args })) };
  return value as T;
}

/** Models take letters, digits, `_` and `-` in names of tools; ours have dots. */
function modelNameOf(tool: string): string {
  return tool.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}

function named({ tools = [] }: ModelAsk<unknown>, modelName: string): string {
  return tools.find(({ name }) => modelNameOf(name) === modelName)!.name;
}

/** The question as the gateway takes it. */
export function requestOf<T>(ask: ModelAsk<T>, call: ModelCall): ModelRequest<T> {
  const { agent, runId, step, left, leftMs } = call;
  const { tools, turns = [] } = ask;
  return {
    ...{ agent: agent.name, runId, step },
    instructions: ask.instructions ?? agent.instructions,
    parts: ask.input,
    schema: ask.schema,
    schemaName: modelNameOf(ask.name),
    ...(tools && {
      tools: tools.map(({ name, description, input }) => ({ name: modelNameOf(name), description, parameters: input })),
    }),
    turns: turns.map(({ id, tool, args, result }) => ({
      call: { id, name: modelNameOf(tool), arguments: args as Readonly<Record<string, unknown>> },
      result,
    })),
    limits: {
      runCostMicrosMax: agent.limits.costMicros,
      ...(leftMs !== undefined && { timeoutMs: Math.max(1, leftMs - MARGIN_MS) }),
      outputTokensMax: Math.max(1, Math.min(ask.outputTokensMax ?? Infinity, left.tokens)),
    },
  };
}

/** Begins the raw text of an exchange in which the model asked for tools. */
export const TOOL_CALLS = 'tool_calls: ';

/** An exchange as a run's journal keeps it. */
export function journaledExchange(exchange: ModelExchange): Exchange {
  const { requestHash, request, rawText, toolCalls, model, usage, costMicros, latencyMs } = exchange;
  const { inputTokens, outputTokens } = usage;
  const raw = toolCalls.length > 0 ? `${TOOL_CALLS}${JSON.stringify(toolCalls)}` : rawText;
  return {
    ...{ requestHash, request: canonicalJson(request), raw, model, inputTokens, outputTokens },
    ...{ costMicros, latencyMs: Math.round(latencyMs) },
  };
}

/**
 * What the error is to a run. A replay that misses and a run that was told to stop must not go on with the analyst: the one would
 * decide something else than is recorded, the other decide at all.
 */
function runFailure({ code, detail, exchange }: ModelError, signal: AbortSignal): ModelFailure | Permanent | Error {
  const kept = exchange && journaledExchange(exchange);
  switch (code) {
    case 'MODEL_OVER_BUDGET':
      return new OverBudget(code, detail, kept);
    case 'MODEL_OFF_SCHEMA':
      return new OffSchema(code, detail, kept);
    case 'MODEL_REPLAY_MISS':
      return new Permanent(code, detail);
    case 'MODEL_ABORTED':
      return signal.aborted && signal.reason instanceof Error ? signal.reason : new Error(`${code}: ${detail}`);
    case 'MODEL_UNAVAILABLE':
    case 'MODEL_TIMEOUT':
      return new ModelUnavailable(code, detail, kept);
  }
}

import type { RunStepFinished } from '@towpath/contracts/agents/RunStepFinished.v1';
import { erased } from '@towpath/event-store/cipher';
import type { Exchange } from '../agent-errors.js';
import type { CanonicalRequest } from './canonical-request.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { ModelErrorCode } from './model-error.js';
import type { ModelExchange } from './model-exchange.js';
import { TOOL_CALLS } from './run-model.js';

/** What a journal holds of a finished step of kind `model`, its personal fields readable. */
export type RecordedStep = Pick<
  RunStepFinished,
  'runId' | 'step' | 'kind' | 'exchange' | 'plainExchange' | 'errorCode' | 'error' | 'plainError'
>;

/** A record from the journals of runs: `stepsOf` reads a run's finished steps, decrypted. */
export function journalRecord(
  stepsOf: (runId: string) => Promise<{ readonly agent: string; readonly steps: readonly RecordedStep[] }>,
): ExchangeRecord {
  return {
    async exchangesOf(runId) {
      const { agent, steps } = await stepsOf(runId);
      return steps.flatMap((step) => exchangeOfStep(agent, step) ?? []);
    },
  };
}

/** The exchange of a finished step; undefined when it asked no model, or its content is erased with its person. */
export function exchangeOfStep(agent: string, step: RecordedStep): ModelExchange | undefined {
  const kept = step.exchange ?? step.plainExchange ?? null;
  if (step.kind !== 'model' || kept === null || kept === erased) return undefined;
  const { requestHash, request, raw, model, inputTokens, outputTokens, costMicros, latencyMs } = JSON.parse(
    kept,
  ) as Exchange;
  return {
    ...{ agent, runId: step.runId, step: step.step, requestHash, model, costMicros, latencyMs },
    ...saidIn(raw),
    request: JSON.parse(request) as CanonicalRequest,
    outcome: outcomeOf(step.errorCode),
    detail: detailOf(step),
    usage: { inputTokens, cachedInputTokens: 0, outputTokens },
    ...{ attempts: 1, cached: false },
  };
}

function saidIn(raw: string): Pick<ModelExchange, 'rawText' | 'toolCalls'> {
  if (!raw.startsWith(TOOL_CALLS)) return { rawText: raw, toolCalls: [] };
  return { rawText: '', toolCalls: JSON.parse(raw.slice(TOOL_CALLS.length)) as ModelExchange['toolCalls'] };
}

function outcomeOf(errorCode: string | null): ModelExchange['outcome'] {
  return errorCode?.startsWith('MODEL_') ? (errorCode as ModelErrorCode) : 'answered';
}

function detailOf({ error, plainError }: RecordedStep): string | null {
  const kept = error ?? plainError;
  if (kept === null || kept === erased) return null;
  const { message } = JSON.parse(kept) as { readonly message?: string };
  return message?.replace(/^MODEL_\w+: /, '') ?? null;
}

import { RunStepFinished } from '@towpath/contracts/agents/RunStepFinished.v1';
import { Permanent } from '@towpath/service-kit/permanent';
import type { Agent, Policy } from './agent.js';
import {
  LimitReached,
  ModelFailure,
  NeedsHuman,
  OffSchema,
  RunDiverged,
  ToolRefused,
  type AgentError,
} from './agent-errors.js';
import { AttemptTime } from './attempt-time.js';
import { jsonOf, NOTHING_HASH } from './canonical-hash.js';
import { journaled } from './journal/journaled.js';
import type { RecordedRun } from './journal/recorded-run.js';
import type { RunJournal } from './journal/run-journal.js';
import { Meter } from './limits.js';
import { keepFailures, LiveRun, type Attempt } from './live-run.js';
import type { ModelGateway } from './model-gateway.js';
import type { Escalation, Outcome } from './outcome.js';
import { labelOf, subjectOf } from './run-request.js';
import type { RunRequest } from './run-request.js';
import type { ToolGate } from './tool-gate.js';
import type { AnyTool } from './tool.js';

/** One attempt of a run that has not ended yet. */
export interface Attempted<In, Out> {
  readonly runId: string;
  readonly agent: Agent<In, Out>;
  readonly input: In;
  readonly subjectId: string;
  readonly recorded: RecordedRun;
  readonly journal: RunJournal;
  readonly request: RunRequest<In>;
}

export interface Ports {
  readonly model: ModelGateway;
  readonly gate: ToolGate;
  /** what tools are done by instead, by name */
  readonly standIns?: ReadonlyMap<string, AnyTool['run']>;
}

/** The step that records that the fallback decides, and why. */
const FALLBACK = 'fallback';

/**
 * Lets the policy decide, and when it can't, the fallback. What leads to the fallback: a model that gave nothing usable, a limit,
 * a refused tool, a decision that does not fit, a journal that says the policy did something else before. Without a fallback,
 * or when it can't decide either, a person has to. `NeedsHuman` goes to a person at once: the policy knew what it did.
 */
export async function decide<In, Out>(attempted: Attempted<In, Out>, ports: Ports): Promise<Outcome<Out>> {
  const { agent, recorded } = attempted;
  const first = attemptOf(attempted, ports);
  const fallen = recorded.steps.get(FALLBACK);
  if (fallen) {
    first.end();
    first.reasons.push(...(JSON.parse(fallen.plainOutput ?? '[]') as string[]));
    return analysed(attempted, ports, first);
  }
  const result = await settled(agent, agent.policy, attempted.input, first);
  if ('decision' in result) return outcomeOf(first, result);
  if (result.error instanceof NeedsHuman || !agent.fallback) {
    return outcomeOf(first, { escalation: escalationOf(result.error) });
  }
  first.reasons.push(`FALLBACK ${result.error.code}`, ...whyOf(result.error));
  recordFallback(first);
  return analysed(attempted, ports, first);
}

/** That no model is configured is all there is to say of it. */
const SAYS_MORE = /^MODEL_(?!NOT_CONFIGURED)/;

/** A gateway's text names settings and amounts, never content; what a schema says of a decision may quote it. */
function whyOf(error: AgentError): string[] {
  return error instanceof ModelFailure && SAYS_MORE.test(error.code) ? [error.message] : [];
}

/** What the fallback makes of it. */
async function analysed<In, Out>(attempted: Attempted<In, Out>, ports: Ports, first: Attempt): Promise<Outcome<Out>> {
  const { agent, input } = attempted;
  const second = attemptOf(attempted, ports, first);
  if (!agent.fallback) throw new Permanent('FALLBACK_GONE', `${agent.name} ${agent.version} has no fallback any more`);
  const result = await settled(agent, agent.fallback, input, second, `${FALLBACK}/`);
  if ('decision' in result) return outcomeOf(second, result);
  return outcomeOf(second, { escalation: escalationOf(result.error) });
}

/** So that a resumed run does not go the way that was given up, whatever has become of the model since. */
function recordFallback({ runId, journal, reasons, finished }: Attempt): void {
  const output = jsonOf(reasons);
  journal.add(RunStepFinished, {
    ...{ runId, step: FALLBACK, kind: 'step', name: FALLBACK, index: finished + 1, inputHash: NOTHING_HASH },
    ...{ subjectId: '', ...journaled('input', null, ''), ...journaled('output', output, '') },
    ...{ ...journaled('exchange', null, ''), ...journaled('error', null, ''), errorCode: null, model: null },
    ...{ inputTokens: 0, outputTokens: 0, costMicros: 0, latencyMs: 0 },
  });
}

type Settled<Out> = { readonly decision: Out } | { readonly error: AgentError };

/** Runs one policy to its end, within the time it has. */
async function settled<In, Out>(
  agent: Agent<In, Out>,
  policy: Policy<In, Out>,
  input: In,
  attempt: Attempt,
  prefix = '',
): Promise<Settled<Out>> {
  try {
    const decision = await attempt.time.within(async () => policy(input, new LiveRun(attempt, prefix)));
    const fits = agent.output.safeParse(decision);
    if (!fits.success) throw new OffSchema('DECISION_OFF_SCHEMA', fits.error.message);
    keepFailures(attempt);
    return { decision: JSON.parse(jsonOf(fits.data)) as Out };
  } catch (error) {
    const cause: unknown = attempt.time.signal.aborted ? attempt.time.signal.reason : error;
    if (isAnswer(cause)) {
      keepFailures(attempt);
      return { error: cause };
    }
    throw cause;
  } finally {
    attempt.end();
  }
}

/** What a run goes on from; anything else is the handler's to try again. */
function isAnswer(error: unknown): error is AgentError {
  return [ModelFailure, LimitReached, ToolRefused, NeedsHuman, RunDiverged].some((kind) => error instanceof kind);
}

function attemptOf<In, Out>(attempted: Attempted<In, Out>, ports: Ports, before?: Attempt): Attempt {
  const { runId, agent, subjectId, recorded, journal, request } = attempted;
  const killed = ports.gate.signalOf?.(agent);
  const time = new AttemptTime(killed ? [request.signal, killed] : [request.signal], agent.limits.wallMs);
  return {
    ...{ runId, agent, subjectId, journal, ports, subject: subjectOf(request) },
    correlationId: request.cause.correlationId,
    recorded: recorded.steps,
    meter: new Meter(agent.limits, before?.meter),
    time,
    finished: before ? before.finished + 1 : recorded.steps.size,
    taint: before?.taint ?? labelOf(request),
    reasons: [...(before?.reasons ?? [])],
    failures: [],
    modelAnswers: 0,
    decidedBy: undefined,
    over: false,
    end() {
      time.end();
      this.over = true;
    },
  };
}

type Result<Out> = { readonly decision: Out } | { readonly escalation: Escalation };

function outcomeOf<Out>(attempt: Attempt, result: Result<Out>): Outcome<Out> {
  const { runId, meter, reasons, modelAnswers } = attempt;
  const { turns, toolCalls, tokens, costMicros } = meter.total;
  const decidedBy = attempt.decidedBy ?? (modelAnswers > 0 ? 'model' : 'analyst');
  const ended = { runId, decidedBy, reasons, turns, toolCalls, tokens, costMicros };
  if ('decision' in result) return { ...ended, status: 'decided', decision: result.decision };
  return { ...ended, status: 'needs_human', decision: null, escalation: result.escalation };
}

function escalationOf(error: AgentError): Escalation {
  return { code: error.code, reason: error.message, history: error.history };
}

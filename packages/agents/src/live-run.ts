import { IdentityUsed } from '@towpath/contracts/agents/IdentityUsed.v1';
import { RunStepFinished } from '@towpath/contracts/agents/RunStepFinished.v1';
import type { DataOf } from '@towpath/contracts/contract';
import { joinTaint, type Taint } from '@towpath/contracts/taint';
import { Permanent } from '@towpath/service-kit/permanent';
import { noteTaint } from '@towpath/service-kit/pipeline/work-notes';
import type { AnyAgent, Instructions } from './agent.js';
import {
  AgentError,
  RunDiverged,
  ToolFailed,
  ToolRefused,
  revived,
  ModelFailure,
  type Exchange,
} from './agent-errors.js';
import type { AttemptTime } from './attempt-time.js';
import { hashOf, jsonOf, NOTHING_HASH } from './canonical-hash.js';
import { journaled, readable } from './journal/journaled.js';
import type { RunJournal } from './journal/run-journal.js';
import type { Meter } from './limits.js';
import type { Ports } from './decide.js';
import type { ModelAnswer, ModelAsk } from './model-gateway.js';
import type { DecidedBy } from './outcome.js';
import type { Run } from './run.js';
import type { AnyTool, Tool } from './tool.js';
import type { ToolUse } from './tool-gate.js';

type Finished = DataOf<typeof RunStepFinished>;
type Kind = 'step' | 'tool' | 'model';

/** What one attempt of a run shares among its scopes. */
export interface Attempt {
  readonly runId: string;
  readonly agent: AnyAgent;
  readonly subjectId: string;
  /** ids that the run is about, by name */
  readonly subject: Readonly<Record<string, string>>;
  readonly correlationId: string;
  readonly journal: RunJournal;
  /** finished before this attempt, by step */
  readonly recorded: ReadonlyMap<string, Finished>;
  readonly meter: Meter;
  readonly time: AttemptTime;
  readonly ports: Ports;
  /** steps finished so far, recorded ones included */
  finished: number;
  taint: Taint;
  modelAnswers: number;
  decidedBy: DecidedBy | undefined;
  readonly reasons: string[];
  /** failed steps whose failure nobody has gone on from yet: one that leaves the run is to be tried again, not kept */
  readonly failures: (() => void)[];
  /** nothing may be begun any more: the policy has ended, or another one decides */
  over: boolean;
  /** its policy has ended, one way or the other */
  end(): void;
}

interface Given<T> {
  readonly value: T;
  /** of a model */
  readonly exchange?: Exchange;
}

interface Action<T> {
  readonly kind: Kind;
  readonly name: string;
  /** what the step depends on; a recorded one with another is another step */
  readonly input: unknown;
  /** what is kept of the input besides its hash */
  readonly kept: string | null;
  /** once it is known that it was not done before */
  act(step: string): Promise<Given<T>>;
}

/** Larger than this, a value belongs where it came from, and its id into the journal. */
const VALUE_CHARACTERS_MAX = 1_000_000;

/** The run as a policy sees it. */
export class LiveRun implements Run {
  private readonly occurrences = new Map<string, number>();

  constructor(
    private readonly attempt: Attempt,
    private readonly prefix = '',
    private readonly depth = 0,
  ) {}

  get id(): string {
    return this.attempt.runId;
  }

  get signal(): AbortSignal {
    return this.attempt.time.signal;
  }

  get taint(): Taint {
    return this.attempt.taint;
  }

  async step<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const act = async () => ({ value: await work() });
    return (await this.perform<T>({ kind: 'step', name, input: null, kept: null, act })).value;
  }

  async tool<In, Out>(tool: Tool<In, Out>, args: In): Promise<Out> {
    const parsed = tool.input.safeParse(args);
    const given: unknown = parsed.success ? parsed.data : args;
    const { value } = await this.perform<Out>({
      ...{ kind: 'tool', name: tool.name, input: given, kept: jsonOf(given) },
      act: async (step) => {
        if (!parsed.success) throw new ToolFailed('TOOL_ARGUMENTS', `${tool.name}: ${parsed.error.message}`);
        return { value: (await this.use(tool as AnyTool, parsed.data, step)) as Out };
      },
    });
    this.read(tool.gives);
    return value;
  }

  async model<T>(ask: ModelAsk<T>): Promise<ModelAnswer<T>> {
    const { attempt } = this;
    for (const { taint } of ask.input) this.read(taint);
    const instructions = ask.instructions ?? attempt.agent.instructions;
    const { value, exchange } = await this.perform<T>({
      ...{ kind: 'model', name: ask.name, input: asked(ask, instructions), kept: null },
      act: async (step) => {
        attempt.meter.modelCall();
        const { agent, runId, subjectId, correlationId, meter, time } = attempt;
        const { signal } = time;
        const leftMs = Math.max(0, time.endsAt - performance.now());
        const call = { agent, runId, step, left: meter.left, leftMs, signal, subjectId, correlationId };
        return attempt.ports.model.ask({ ...ask, instructions }, call);
      },
    });
    attempt.modelAnswers += 1;
    return { value, exchange: exchange! };
  }

  scope(name: string): Run {
    const depth = this.depth + 1;
    this.attempt.meter.depth(depth);
    return new LiveRun(this.attempt, `${this.prefix}${this.numbered(name)}/`, depth);
  }

  turn(): void {
    this.attempt.meter.turn();
  }

  because(reason: string): void {
    if (!this.attempt.reasons.includes(reason)) this.attempt.reasons.push(reason);
  }

  decidedBy(who: DecidedBy): void {
    this.attempt.decidedBy = who;
  }

  /** Within a scope things happen one after the other, so a name and its occurrence are the same in each attempt. */
  private numbered(name: string): string {
    const occurrence = (this.occurrences.get(name) ?? 0) + 1;
    this.occurrences.set(name, occurrence);
    return `${name}#${occurrence}`;
  }

  private async use(tool: AnyTool, args: unknown, step: string): Promise<unknown> {
    const { agent, runId, ports, taint, subject } = this.attempt;
    await this.admitted({ agent, runId, step, tool, args, taint, subject });
    const work = ports.standIns?.get(tool.name) ?? tool.run.bind(tool);
    const given: unknown = await work(args, { runId, key: `${runId}/${step}`, signal: this.signal });
    const parsed = tool.output.safeParse(given);
    if (!parsed.success) throw new ToolFailed('TOOL_RESULT', `${tool.name}: ${parsed.error.message}`);
    return parsed.data;
  }

  /** What the gate says of the use is journaled with the step, also when it refuses. */
  private async admitted(use: ToolUse): Promise<void> {
    const { ports, journal } = this.attempt;
    try {
      const audit = await ports.gate.admit(use);
      if (audit) journal.add(IdentityUsed, audit);
    } catch (error) {
      if (error instanceof ToolRefused && error.audit) journal.add(IdentityUsed, error.audit);
      throw error;
    }
  }

  /** From now on something with this label is in all that comes of the run. */
  private read(taint: Taint): void {
    const { attempt } = this;
    attempt.taint = joinTaint(attempt.taint, taint);
    noteTaint(attempt.taint);
  }

  private async perform<T>(action: Action<T>): Promise<Given<T>> {
    const { attempt } = this;
    if (attempt.over) throw new AgentError('RUN_OVER', `${action.name} came after the run's end`);
    keepFailures(attempt);
    const step = `${this.prefix}${this.numbered(action.name)}`;
    const inputHash = action.input === null ? NOTHING_HASH : hashOf(jsonOf(action.input));
    if (action.kind === 'tool') attempt.meter.toolCall();
    const recorded = attempt.recorded.get(step);
    if (recorded) return this.recall<T>(recorded, action, inputHash);
    // What came before must be safe before anything new begins; the first step begins with nothing before it.
    if (attempt.finished > 0) await attempt.journal.settle();
    await attempt.ports.gate.enter?.(attempt.agent, this.signal);
    this.signal.throwIfAborted();
    const startedAt = performance.now();
    try {
      const { value, exchange } = await action.act(step);
      const output = bounded(step, jsonOf(value));
      this.record(action, { step, inputHash, output, exchange, error: null, startedAt });
      // As a resumed run will see it: a date would be a text then.
      return { value: JSON.parse(output) as T, ...(exchange && { exchange }) };
    } catch (error) {
      if (error instanceof AgentError && !this.signal.aborted) {
        const exchange = error instanceof ModelFailure ? error.exchange : undefined;
        const result = { step, inputHash, output: null, exchange, error, startedAt };
        attempt.failures.push(() => this.record(action, result));
      }
      throw error;
    }
  }

  private recall<T>(recorded: Finished, { kind, name }: Action<T>, inputHash: string): Given<T> {
    const { attempt } = this;
    const was = `${recorded.kind} ${recorded.name} of ${recorded.inputHash.slice(0, 8)}`;
    const is = `${kind} ${name} of ${inputHash.slice(0, 8)}`;
    if (was !== is) throw new RunDiverged(recorded.step, was, is);
    attempt.meter.spent({ tokens: recorded.inputTokens + recorded.outputTokens, costMicros: recorded.costMicros });
    const error = recorded.error ?? recorded.plainError;
    if (recorded.errorCode !== null && error !== null) {
      const { name: className, message } = readable(error) as { name: string; message: string };
      throw revived(className, recorded.errorCode, message);
    }
    const exchange = recorded.exchange ?? recorded.plainExchange;
    return {
      value: readable(recorded.output ?? recorded.plainOutput ?? 'null') as T,
      ...(exchange !== null && { exchange: readable(exchange) as Exchange }),
    };
  }

  private record<T>(action: Action<T>, result: Result): void {
    const { attempt } = this;
    if (attempt.over) return;
    const { subjectId, meter } = attempt;
    const { step, inputHash, output, exchange, error } = result;
    const use = useOf(exchange);
    meter.spent({ tokens: use.inputTokens + use.outputTokens, costMicros: use.costMicros });
    attempt.finished += 1;
    attempt.journal.add(RunStepFinished, {
      ...{ runId: attempt.runId, step, kind: action.kind, name: action.name, index: attempt.finished },
      ...{ inputHash, subjectId, ...use },
      ...journaled('input', action.kept, subjectId),
      ...journaled('output', output, subjectId),
      ...journaled('exchange', exchange ? jsonOf(exchange) : null, subjectId),
      errorCode: error?.code ?? null,
      ...journaled('error', error ? jsonOf({ name: error.name, message: error.message }) : null, subjectId),
      latencyMs: Math.round(performance.now() - result.startedAt),
    });
  }
}

function useOf(exchange: Exchange | undefined) {
  if (!exchange) return { model: null, inputTokens: 0, outputTokens: 0, costMicros: 0 };
  const { model, inputTokens, outputTokens, costMicros } = exchange;
  return { model, inputTokens, outputTokens, costMicros };
}

/** The policy went on: what failed before belongs to what it decides. */
export function keepFailures({ failures }: Attempt): void {
  for (const keep of failures.splice(0)) keep();
}

/**
 * All of a question that is data; what it may use is code, and changes with the agent's version. Its members are named as in the first
 * journals, for a run that is gone over again is held against the hash of it.
 */
function asked({ input, turns }: ModelAsk<unknown>, instructions: Instructions) {
  const parts = input.map(({ label: role, text, taint, source: provenance }) => ({ role, text, taint, provenance }));
  return { instructions, input: parts, ...(turns && { turns }) };
}

interface Result {
  readonly step: string;
  readonly inputHash: string;
  readonly output: string | null;
  readonly exchange: Exchange | undefined;
  readonly error: AgentError | null;
  readonly startedAt: number;
}

function bounded(step: string, json: string): string {
  if (json.length <= VALUE_CHARACTERS_MAX) return json;
  throw new Permanent(
    'STEP_TOO_LARGE',
    `${step} gave ${json.length} characters, at most ${VALUE_CHARACTERS_MAX}; return an id instead`,
  );
}

import { hostname } from 'node:os';
import { IdentityUsed } from '@towpath/contracts/agents/IdentityUsed.v1';
import { RunDecided } from '@towpath/contracts/agents/RunDecided.v1';
import { RunFailed } from '@towpath/contracts/agents/RunFailed.v1';
import { RunResumed } from '@towpath/contracts/agents/RunResumed.v1';
import { RunStarted } from '@towpath/contracts/agents/RunStarted.v1';
import type { Taint } from '@towpath/contracts/taint';
import { decryptPii, subjectsOf } from '@towpath/event-store/cipher';
import { contractOf } from '@towpath/contracts/catalogue';
import { fold } from '@towpath/event-store/fold';
import type { StoredEvent } from '@towpath/event-store/types';
import type { Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { metadataOf } from '@towpath/service-kit/pipeline/story';
import { noteAgent, noteTaint } from '@towpath/service-kit/pipeline/work-notes';
import { uuidV5 } from '@towpath/service-kit/uuid-v5';
import type { Agent, AnyAgent, Instructions } from './agent.js';
import { RunSuperseded } from './agent-errors.js';
import { hashOf, jsonOf } from './canonical-hash.js';
import { decide, type Attempted } from './decide.js';
import { declaredInstructions, type InstructionsOf } from './instructions-from.js';
import { journaled, readable } from './journal/journaled.js';
import { sharedReads, type JournalKeys, type JournalStore } from './journal/journal-store.js';
import { recordedRun, type RecordedRun } from './journal/recorded-run.js';
import { RunJournal } from './journal/run-journal.js';
import { labelOf, type RunRequest } from './run-request.js';
import { declaredToolsOnly, type ToolGate } from './tool-gate.js';
import { noModel, type ModelGateway } from './model-gateway.js';
import type { Outcome } from './outcome.js';
import type { AnyTool } from './tool.js';

/** What a runner stands on. */
export interface RunnerOptions {
  /** the service's own store: each run is a stream of it */
  readonly store: JournalStore;
  /** for what is personal; without it no run may be about a person */
  readonly keys?: JournalKeys;
  /** default: no model, every agent works by its analyst */
  readonly model?: ModelGateway;
  /** default: what the agent declares in code */
  readonly gate?: ToolGate;
  /** default: those that each agent declares */
  readonly instructions?: InstructionsOf;
  /** what tools are done by instead, by name: for specs, and for looking what would have been decided */
  readonly standIns?: ReadonlyMap<string, AnyTool['run']>;
}

/** The id of the run of an agent on a message: the same for every attempt. */
export function runIdOf(messageId: string, agent: Pick<AnyAgent, 'name'>): string {
  return uuidV5(RUNS, `${messageId}/${agent.name}`);
}

const RUNS = Buffer.from('b7d3f1a65d0e4b0f9a1c2e83c4d5f607', 'hex');

/**
 * Runs agents and journals what they do: each finished step is one append to the run's stream in the service's own store. A run
 * that was cut off goes on after its last finished step; one that had ended gives the same outcome again.
 */
export class Runner {
  private readonly read: (stream: string) => Promise<StoredEvent[]>;
  private readonly worker = `${hostname()}/${process.pid}`;

  constructor(private readonly options: RunnerOptions) {
    this.read = sharedReads(options.store);
  }

  /** The instructions that the agent's runs work by. */
  instructionsOf(agent: AnyAgent): Instructions {
    return (this.options.instructions ?? declaredInstructions)(agent);
  }

  /**
   * Resolves with how the run ended. Throws `Permanent` when trying again gives the same (`INPUT_INVALID`, `RUN_CANCELED`),
   * RunSuperseded when another worker has the run, and what a step threw that is no answer of a model or a tool.
   */
  async run<In, Out>(declared: Agent<In, Out>, request: RunRequest<In>): Promise<Outcome<Out>> {
    const agent = { ...declared, instructions: this.instructionsOf(declared) };
    const input = parsed(agent, request.input);
    const runId = request.runId ?? runIdOf(request.cause.id, agent);
    const subjectId = request.subjectId ?? '';
    if (subjectId !== '' && !this.options.keys) {
      throw new Permanent('KEYS_MISSING', `run ${runId} is about a person, and the runner has no vault`);
    }
    const taint = labelOf(request);
    noteAgent(agent);
    noteTaint(taint);
    const stream = recordedRun.of(runId);
    const events = request.firstTry ? [] : await this.read(stream);
    const recorded = await this.recall(events);
    const ended = endedBefore<Out>(recorded, runId);
    if (ended) return ended;
    const metadata = metadataOf(request.cause as Received, agent.name);
    const place = { runId, stream, metadata, version: events.length, signal: request.signal };
    const journal = new RunJournal(this.options.store, this.options.keys, place);
    const attempted = { runId, agent, input, subjectId, recorded, journal, request } as Attempted<In, Out>;
    try {
      await this.begin(journal, recorded, { agent, runId, subjectId, input, taint });
      return await this.decided(attempted);
    } catch (error) {
      if (error instanceof Permanent) journal.add(RunFailed, { runId, code: error.code, message: error.message });
      // What was finished stays finished for the next try; that it can't be written is no news after the error.
      await journal.settle().catch(() => undefined);
      journal.drop();
      if (request.firstTry && error instanceof RunSuperseded) return this.endOf<Out>(stream, runId, error);
      throw error;
    }
  }

  private async decided<In, Out>(attempted: Attempted<In, Out>): Promise<Outcome<Out>> {
    const { journal, subjectId } = attempted;
    const { model = noModel, gate = declaredToolsOnly, standIns } = this.options;
    const outcome = await decide(attempted, { model, gate, ...(standIns && { standIns }) });
    journal.add(RunDecided, decidedOf(outcome, subjectId));
    await journal.settle();
    return outcome;
  }

  /** The first event waits for the first step; a resumption must be durable at once, for it shuts out whoever was before. */
  private async begin(journal: RunJournal, recorded: RecordedRun, start: Start): Promise<void> {
    const { agent, runId, subjectId, taint } = start;
    const { version: agentVersion } = agent;
    await this.identify(journal, start);
    if (recorded.started) {
      journal.add(RunResumed, { runId, attempt: recorded.attempts + 1, agentVersion, worker: this.worker });
      return journal.settle();
    }
    const input = jsonOf(start.input);
    journal.add(RunStarted, {
      ...{ runId, agent: agent.name, agentVersion, instructionsVersion: agent.instructions.version, subjectId, taint },
      inputHash: hashOf(input),
      ...journaled('input', input, subjectId),
    });
  }

  /** A message came again of which nothing but its run was known any more: as it ended, so it ends. A run that has not is another's. */
  private async endOf<Out>(stream: string, runId: string, superseded: RunSuperseded): Promise<Outcome<Out>> {
    const ended = endedBefore<Out>(await this.recall(await this.read(stream)), runId);
    if (ended) return ended;
    throw superseded;
  }

  /** The identity that the run uses, for the audit; with it a killed agent does not even begin. */
  private async identify(journal: RunJournal, { agent, runId, taint }: Start): Promise<void> {
    const audit = await this.options.gate?.begin?.({ agent, runId, taint });
    if (audit) journal.add(IdentityUsed, audit);
  }

  private async recall(events: readonly StoredEvent[]): Promise<RecordedRun> {
    if (events.length === 0) return recordedRun.initial;
    const { keys } = this.options;
    const of = ({ type, data }: StoredEvent) => subjectsOf(contractOf(type), data);
    const known = keys ? await keys.keysFor(events.flatMap(of)) : new Map<string, Buffer | null>();
    const readable = events.map((event) => ({
      ...event,
      data: decryptPii(contractOf(event.type), event.data, known),
    }));
    return fold(recordedRun, readable);
  }
}

interface Start {
  readonly agent: AnyAgent;
  readonly runId: string;
  readonly subjectId: string;
  readonly input: unknown;
  readonly taint: Taint;
}

function parsed<In>(agent: Agent<In, unknown>, input: In): In {
  const result = agent.input.safeParse(input);
  if (result.success) return result.data;
  // zod's message names fields, never values.
  throw new Permanent('INPUT_INVALID', `${agent.name}: ${result.error.message}`);
}

function endedBefore<Out>(recorded: RecordedRun, runId: string): Outcome<Out> | undefined {
  const { status, decided, stopped } = recorded;
  if (status === 'canceled') throw new Permanent('RUN_CANCELED', `run ${runId} was canceled: ${stopped ?? ''}`);
  if (!decided) return undefined;
  const { turns, toolCalls, tokens, costMicros, reasons } = decided;
  const decidedBy = decided.decidedBy as Outcome<Out>['decidedBy'];
  const ended = { runId, decidedBy, reasons, turns, toolCalls, tokens, costMicros };
  if (decided.status === 'decided') {
    const decision = readable(decided.decision ?? decided.plainDecision ?? 'null') as Out;
    return { ...ended, status: 'decided', decision };
  }
  const { reason, history } = readable(decided.history ?? decided.plainHistory ?? '{}') as HistoryText;
  const escalation = { code: decided.escalationCode ?? '', reason: reason ?? '', history: history ?? [] };
  return { ...ended, status: 'needs_human', decision: null, escalation };
}

interface HistoryText {
  readonly reason?: string;
  readonly history?: readonly unknown[];
}

function decidedOf(outcome: Outcome<unknown>, subjectId: string) {
  const { status, runId, decidedBy, reasons, turns, toolCalls, tokens, costMicros } = outcome;
  const escalation = outcome.status === 'needs_human' ? outcome.escalation : null;
  const history = escalation && jsonOf({ reason: escalation.reason, history: escalation.history });
  return {
    ...{ runId, status, subjectId, decidedBy, reasons, turns, toolCalls, tokens, costMicros },
    ...journaled('decision', outcome.status === 'decided' ? jsonOf(outcome.decision) : null, subjectId),
    escalationCode: escalation?.code ?? null,
    ...journaled('history', history, subjectId),
  };
}

import { check, fromJson } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaLookDue } from '@towpath/contracts/sagas/SagaLookDue.v1';
import { SagaReplyNoted } from '@towpath/contracts/sagas/SagaReplyNoted.v1';
import { SagaStepChanged } from '@towpath/contracts/sagas/SagaStepChanged.v1';
import { SagaTimerSet } from '@towpath/contracts/sagas/SagaTimerSet.v1';
import type { Ask } from './ask.js';
import { commandId, type CommandRef } from './command-id.js';
import type { AnyFacts, SagaDefinition, WaitDefinition } from './definition.js';
import type { Message } from './message.js';
import { partOf, withChange, withStatus, type SagaState, type StepChange } from './saga-state.js';

/** An instance as a decision finds it. */
export interface Instance {
  readonly state: SagaState;
  /** personal data of the event that began it, as JSON; null when it has none or they were erased */
  readonly content: string | null;
  readonly now: Date;
}

type Change = Pick<StepChange, 'step' | 'side' | 'state'> & Partial<StepChange>;

const DETAIL_CHARS_MAX = 500;

/** One decision of a saga as it comes about: the state so far, and what is to be appended. */
export class Turn {
  state: SagaState;
  readonly now: Date;
  private readonly changes: StepChange[] = [];
  private readonly asked: Message[] = [];
  private readonly others: Message[] = [];
  private readonly before: SagaState;
  private content: string | null;
  private end: Message | undefined;
  private start: unknown;

  constructor(
    readonly definition: SagaDefinition,
    { state, content, now }: Instance,
  ) {
    this.state = state;
    this.before = state;
    this.content = content;
    this.now = now;
  }

  get at(): number {
    return this.now.getTime();
  }

  /** An event beside what the steps come to. */
  tell<C extends Contract>(contract: C, data: object): void {
    this.others.push({ contract, data });
  }

  /** Begins with this state, which follows from an event told of. */
  begin(state: SagaState, content: string | null): void {
    this.state = state;
    this.content = content;
  }

  /** What needed a person does so no more: what it waited for came. */
  reopen(): void {
    const { before, cause, status } = this.state;
    if (status === 'needs_human') this.state = withStatus(this.state, before, cause);
  }

  change({ detail, ...change }: Change): void {
    const before = partOf(this.state, change.step)[change.side === 'undo' ? 'undo' : 'act'];
    const full: StepChange = {
      ...{ way: before.way, attempt: before.attempt, commandId: null, command: null, code: null, result: null },
      ...change,
      detail: detail?.slice(0, DETAIL_CHARS_MAX) ?? null,
    };
    this.changes.push(full);
    this.state = withChange(this.state, full, this.at);
  }

  /** Goes on with this status; what needed a person does so no more. */
  turnTo(status: SagaState['before'], cause: string | null): void {
    this.state = withStatus(this.state, status, cause);
  }

  /** An answer that changes nothing. */
  note(verdict: 'late' | 'repeated' | 'contradicting', about: NotedMessage): void {
    const { sagaId, contradictions } = this.state;
    const { step } = about;
    if (verdict === 'contradicting' && step !== null && !contradictions.includes(step)) {
      this.state = { ...this.state, contradictions: [...contradictions, step] };
    }
    this.tell(SagaReplyNoted, { sagaId, ...about, verdict, notedAt: this.at });
  }

  /** Sends a command; nothing is sent when the definition can't make it. */
  ask(ref: Omit<CommandRef, 'sagaId' | 'personal'>, make: (facts: AnyFacts) => Ask): Asked {
    const { sagaId, personal } = this.state;
    const id = commandId({ ...ref, sagaId, personal });
    try {
      const { contract, data } = make(this.facts());
      // What can't be encoded now never will be: that is the definition's fault, not the message's that led here.
      check(contract, data);
      this.asked.push({ contract, data, id });
      return { commandId: id, command: contract.type };
    } catch (error) {
      return { fault: faultOf(error) };
    }
  }

  /** What the definition's functions are given. */
  facts(): AnyFacts {
    const { sagaId, key, parts } = this.state;
    const results: Record<string, unknown> = {};
    const ways: Record<string, string> = {};
    for (const [name, { act, result }] of Object.entries(parts)) {
      if (act.state !== 'completed') continue;
      results[name] = result;
      ways[name] = act.way;
    }
    this.start ??= startOf(this.definition.starts, this.state, this.content);
    return { sagaId, key, start: this.start, results, ways, now: this.now };
  }

  /** Begins to wait; a person who is to decide is asked. */
  wait({ name, person }: WaitDefinition): void {
    const about = { step: name, side: 'act', way: name } as const;
    try {
      if (person) this.asked.push({ contract: ReviewRequested, data: { part: name, ...person(this.facts()) } });
      this.change({ ...about, state: 'running' });
    } catch (error) {
      this.change({ ...about, state: 'failed', code: 'DEFINITION_FAILED', detail: faultOf(error) });
    }
  }

  /** It ends, or needs a person. */
  ends(outcome: 'completed' | 'compensated' | 'needs_human', about: Ending): void {
    const { sagaId, definition, key, contradictions } = this.state;
    const [contradicted] = contradictions;
    const ending =
      contradicted !== undefined && outcome !== 'needs_human'
        ? {
            ...{ outcome: 'needs_human', code: 'CONTRADICTION', failedStep: contradicted },
            reason: `${contradicted} was said to be done after it had been said that it was not`,
          }
        : { outcome, ...about };
    this.end = { contract: SagaEnded, data: { sagaId, definition, key, ...ending, endedAt: this.at } };
    const { code, failedStep } = ending;
    this.state = { ...this.state, status: ending.outcome as SagaState['status'], code, failedStep };
  }

  /**
   * Everything to append. Of the timers that the state asks for only the earliest is set, and only when none is out that fires before.
   * @param dues when something is due, milliseconds since the epoch
   */
  messages(dues: readonly number[]): readonly Message[] {
    const { sagaId, definition, key, personal } = this.state;
    const dueAt = this.timerAt(dues);
    const { before: status, cause: code } = this.state;
    const changed = this.changes.length > 0 || this.before.before !== status;
    const about = { sagaId, definition, key, status, code, changes: this.changes, dueAt, changedAt: this.at };
    const look = (): Message => ({ contract: SagaLookDue, data: { sagaId, personal }, dueAt: new Date(dueAt!) });
    return [
      ...this.others,
      ...(changed ? [{ contract: SagaStepChanged, data: about }] : []),
      ...this.asked,
      ...(this.end ? [this.end] : []),
      ...(dueAt !== null && !changed ? [{ contract: SagaTimerSet, data: { sagaId, dueAt, setAt: this.at } }] : []),
      ...(dueAt === null ? [] : [look()]),
    ];
  }

  private timerAt(dues: readonly number[]): number | null {
    if (dues.length === 0) return null;
    const next = Math.max(Math.min(...dues), this.at + 1);
    const { lookAt } = this.state;
    return lookAt !== null && lookAt > this.at && lookAt <= next ? null : next;
  }
}

/** A command that was sent, or why the definition could not make it. */
export type Asked =
  { readonly commandId: string; readonly command: string; readonly fault?: never } | { readonly fault: string };

export interface Ending {
  readonly code: string | null;
  /** for people; names nobody */
  readonly reason: string;
  readonly failedStep: string | null;
}

export interface NotedMessage {
  readonly messageId: string;
  readonly messageType: string;
  readonly commandId: string | null;
  readonly step: string | null;
}

/** What the text of an error says may hold what it read: only its kind, and the name of a contract's field, are told. */
function faultOf(error: unknown): string {
  const { code, name, message } = error as { code?: unknown; name?: string; message?: string };
  return code === 'DATA_INVALID' ? String(message) : `the definition threw ${name ?? typeof error}`;
}

function startOf(starts: Contract, { payload, personal }: SagaState, content: string | null): unknown {
  const open = JSON.parse(payload) as Record<string, unknown>;
  if (!personal) return fromJson(starts, open);
  const gone = Object.fromEntries(starts.pii.map(({ name }) => [name, ERASED]));
  return fromJson(starts, { ...open, ...(content === null ? gone : (JSON.parse(content) as object)) });
}

/** As in the store: what a field of an erased person reads as. */
const ERASED = 'erased';

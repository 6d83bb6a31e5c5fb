import type { Contract } from '@towpath/contracts/contract';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { RunDecided } from '@towpath/contracts/agents/RunDecided.v1';
import { RunStarted } from '@towpath/contracts/agents/RunStarted.v1';
import { subjectsOf } from '@towpath/event-store/cipher';
import type { Outcome } from './outcome.js';
import { outcomesSince } from './past-events.js';
import type { PastService } from './past-service.js';
import type { Decided } from './flip-reasons.js';

/** An answer of a service with the message because of which it was given. */
export interface Answered extends Decided {
  readonly contract: Contract;
  readonly answer: string;
  readonly message: string;
}

/** What an event of a service says that a backtest compares. */
interface Told {
  readonly type: string;
  readonly data: unknown;
  /** the message that led to it */
  readonly cause: string;
}

/** A message that could not be decided. What its error said is left out: it may name somebody. */
export interface FailedMessage {
  /** id of the event */
  readonly message: string;
  readonly type: string;
  /** its correlation id */
  readonly story: string;
  readonly handler: string;
  /** reason of its dead letter */
  readonly code: string;
  /** `file:line` of our own code */
  readonly place: string | null;
}

/** What a service came to: the last answer of each subject, who was asked by which instructions, what failed and what models cost. */
export class BacktestRecord {
  readonly answers = new Map<string, Answered>();
  costMicros = 0;
  /** by message: the agents that ran for it, with the versions of their instructions */
  private readonly instructions = new Map<string, Map<string, string>>();
  private readonly failures = new Set<string>();

  constructor(private readonly outcomes: readonly Outcome[]) {}

  /** Takes an event in. Answers the subjects it is about. */
  take({ type, data, cause }: Told): string[] {
    const fields = data as Readonly<Record<string, unknown>>;
    if (type === RunDecided.type) this.costMicros += Number(fields['costMicros'] ?? 0);
    if (type === RunStarted.type) this.noteRun(cause, String(fields['agent']), String(fields['instructionsVersion']));
    if (type === DeadLettered.type) this.failures.add(keyOfLetter(data as DeadLettered));
    const subjects: string[] = [];
    for (const outcome of this.outcomes) {
      const answer = outcome.contract.type === type ? outcome.answerOf(data) : undefined;
      if (answer === undefined) continue;
      const subject = outcome.subjectOf(data);
      this.answers.set(subject, { answer, contract: outcome.contract, data, message: cause });
      subjects.push(subject);
    }
    return subjects;
  }

  /** Whether a message became a dead letter of the same handler for the same reason. */
  hasFailed({ message, handler, code }: FailedMessage): boolean {
    return this.failures.has(failureKey(message, handler, code));
  }

  /** The versions of the instructions by which agents worked on a message; undefined when none did. */
  instructionsFor(message: string): ReadonlyMap<string, string> | undefined {
    return this.instructions.get(message);
  }

  private noteRun(message: string, agent: string, version: string): void {
    this.instructions.set(message, (this.instructions.get(message) ?? new Map<string, string>()).set(agent, version));
  }
}

/** What history came to since an instant. */
export async function recordedSince(past: PastService, outcomes: readonly Outcome[], since: Date) {
  const record = new BacktestRecord(outcomes);
  const types = new Set(outcomes.map(({ contract }) => contract.type));
  const asked = [...types, RunDecided.type, RunStarted.type, DeadLettered.type];
  for (const told of await outcomesSince(past.store, since, asked)) record.take(told);
  return record;
}

/** The subjects among these whose recorded answer holds words of a person who was erased since. */
export async function erasedAmong(past: PastService, answers: ReadonlyMap<string, Answered>): Promise<Set<string>> {
  const people = [...answers].flatMap(([subject, { contract, data }]) =>
    subjectsOf(contract, data).map((person) => ({ subject, person })),
  );
  const keys = await past.vault.keysFor(people.map(({ person }) => person));
  return new Set(people.flatMap(({ subject, person }) => (keys.get(person) === null ? [subject] : [])));
}

function keyOfLetter({ originEventId, handler, reason }: DeadLettered): string {
  return failureKey(originEventId ?? '', handler, reason);
}

function failureKey(message: string, handler: string, code: string): string {
  return [message, handler, code].join(' ');
}

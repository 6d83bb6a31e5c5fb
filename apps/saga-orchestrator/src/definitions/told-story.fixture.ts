import { contractOf } from '@towpath/contracts/catalogue';
import { encode } from '@towpath/contracts/codec';
import { streamOf, type Contract, type DataOf } from '@towpath/contracts/contract';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { fold } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import { commandRef } from '@towpath/sagas/command-id';
import type { SagaDefinition } from '@towpath/sagas/definition';
import type { Input, Message } from '@towpath/sagas/message';
import { decide } from '@towpath/sagas/saga.decider';
import { sagaIdOf } from '@towpath/sagas/saga-id';
import { sagas } from '@towpath/sagas/saga-state';

/** 2026-03-02 12:00:00 UTC */
export const NOON = 1_772_452_800_000;

export interface Answer {
  readonly contract: Contract;
  readonly data: object;
}

/** What those who are asked say, by type of the command; what is not in it is confirmed as an effect. */
export type Answers = Readonly<Record<string, (data: never) => Answer>>;

export interface Story {
  /** the commands, in order, each with its data */
  readonly asked: readonly { readonly name: string; readonly data: Record<string, unknown> }[];
  readonly names: readonly string[];
  /** outcomes that were told */
  readonly ends: readonly string[];
}

/** Runs one instance of a definition to its end, with everybody who is asked answering at once and time passing as it has to. */
export function storyOf<C extends Contract>(
  definition: SagaDefinition,
  start: { readonly contract: C; readonly data: DataOf<C>; readonly key: string },
  answers: Answers,
): Story {
  const sagaId = sagaIdOf(definition.name, start.key);
  const events: DomainEvent[] = [];
  const asked: { name: string; data: Record<string, unknown> }[] = [];
  const waiting: Message[] = [];
  const timers: number[] = [];
  let now = NOON;
  const hear = (input: Input): void => {
    const state = fold(sagas, events);
    const kept = events.find(({ type }) => type === SagaContentKept.type);
    const content = kept ? (kept.data as SagaContentKept).content : null;
    for (const message of decide(definition, { state, content, now: new Date(now) }, input)) {
      const { contract, data, id, dueAt } = message;
      encode(contract, data);
      if (dueAt) timers.push(dueAt.getTime());
      else if (id !== undefined) waiting.push(message);
      else events.push(eventOf(contract, data, events.length));
    }
  };
  hear({ kind: 'start', sagaId, key: start.key, data: start.data, messageId: 'start' });
  const answerAll = (): void => {
    for (let message = waiting.shift(); message; message = waiting.shift()) {
      const { contract, data, id } = message;
      asked.push({ name: contract.name, data: data as Record<string, unknown> });
      const { contract: said, data: words } = (answers[contract.type] ?? confirmed(contract.type))(data as never);
      const ref = commandRef(id!)!;
      hear({ kind: 'reply', ref, commandId: id!, contract: said, data: words, messageId: `reply-${asked.length}` });
    }
  };
  answerAll();
  for (let rounds = 0; rounds < ROUNDS_MAX && timers.length > 0 && !hasEnded(events); rounds += 1) {
    now = Math.min(...timers);
    timers.splice(timers.indexOf(now), 1);
    hear({ kind: 'look' });
    answerAll();
  }
  const ends = events.filter(isEnd).map(({ data }) => (data as SagaEnded).outcome);
  return { asked, names: asked.map(({ name }) => name), ends };
}

/** Times that pass until it ends, at most. */
const ROUNDS_MAX = 100;

function hasEnded(events: readonly DomainEvent[]): boolean {
  return events.some(isEnd);
}

function isEnd({ type }: DomainEvent): boolean {
  return type === SagaEnded.type;
}

const effect = { effectId: 'e', provider: 'stripe', subjectId: 's', accountId: 'a', idempotencyKey: 'k' };

/** The provider did it. */
export function confirmed(action: string, provider = 'stripe', providerReference = 'ref_1'): () => Answer {
  const data = { ...effect, action, provider, providerReference, attempts: 1, confirmedAt: NOON };
  return () => ({ contract: EffectConfirmed, data: { ...data, dryRun: false, commandId: null } });
}

/** The provider would not. */
export function refused(action: string, code = 'REFUSED'): () => Answer {
  const data = { ...effect, action, code, detail: 'no', attempts: 1, failedAt: NOON, commandId: null };
  return () => ({ contract: EffectFailed, data });
}

function eventOf(contract: Contract, data: unknown, index: number): DomainEvent {
  const metadata = { correlationId: '', causationId: '', hops: 1, handler: '' };
  const { type } = contractOf(contract.type);
  return { id: `e${index}`, stream: streamOf(contract, data), type, data, metadata, occurredAt: new Date(NOON) };
}

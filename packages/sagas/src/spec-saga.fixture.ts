import { streamOf, type Contract } from '@towpath/contracts/contract';
import { Echo } from '@towpath/contracts/echo/Echo.v1';
import { EchoRefused } from '@towpath/contracts/echo/EchoRefused.v1';
import { EchoRequested } from '@towpath/contracts/echo/EchoRequested.v1';
import { EchoUndone } from '@towpath/contracts/echo/EchoUndone.v1';
import { Echoed } from '@towpath/contracts/echo/Echoed.v1';
import { UndoEcho } from '@towpath/contracts/echo/UndoEcho.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaReplyNoted } from '@towpath/contracts/sagas/SagaReplyNoted.v1';
import { fold } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import { ask } from './ask.js';
import { commandRef } from './command-id.js';
import { partsOf, type SagaDefinition } from './definition.js';
import type { Input, Message } from './message.js';
import { saga } from './saga.js';
import { decide } from './saga.decider.js';
import { sagaIdOf } from './saga-id.js';
import { sagas, type SagaState } from './saga-state.js';

const about = { effectId: 'e', action: '', provider: 'p', subjectId: 's', accountId: 'a', idempotencyKey: 'k' };

/** A step of a participant that is idempotent: nobody can be asked what became of it, and its undo is safe in any case. */
export const echoed = (step: string) =>
  ({
    do: ({ key }: { key: string }) => ask(Echo, { echoId: key, step, refuse: false }),
    undo: ({ key }: { key: string }) => ask(UndoEcho, { echoId: key, step }),
    ...{ done: Echoed, failed: EchoRefused, undone: EchoUndone, timeoutMs: 1_000 },
  }) as const;

/** A step of egress, which can be asked. */
export const effect = (step: string) =>
  ({
    ...echoed(step),
    ...{ done: EffectConfirmed, failed: EffectFailed, unknown: EffectOutcomeUnknown },
    ...{ undone: EffectConfirmed, undoFailed: EffectFailed },
  }) as const;

export const begun = (version = 1, deadlineMs?: number) =>
  saga('spec', { version, ...(deadlineMs !== undefined && { deadlineMs }) }).startsWith(
    EchoRequested,
    ({ echoId }) => echoId,
  );

/** One instance under a virtual clock, answered by hand. */
export class SpecSaga {
  readonly sagaId: string;
  readonly events: DomainEvent[] = [];
  /** the commands that went out: `step`, `undo step`, `probe step`, `probe undo step` */
  readonly asked: string[] = [];
  private readonly ids: string[] = [];
  private readonly timers: number[] = [];
  private messages = 0;
  now = 1_000_000;

  constructor(
    readonly definition: SagaDefinition,
    readonly key = 'order_789',
  ) {
    this.sagaId = sagaIdOf(definition.name, key);
    const data = { echoId: key, refuses: null };
    this.hear({ kind: 'start', sagaId: this.sagaId, key, data, messageId: 'start' });
  }

  get state(): SagaState {
    return fold(sagas, this.events);
  }

  get status(): string {
    return this.state.status;
  }

  /** Of each end that was told: outcome and code. */
  get ends(): string[] {
    return this.told(SagaEnded).map(({ outcome, code }) => (code === null ? outcome : `${outcome} ${code}`));
  }

  /** What the notes of answers that change nothing say. */
  get notes(): string[] {
    return this.told(SagaReplyNoted).map(({ verdict }) => verdict);
  }

  told<T>(contract: Contract<T>): T[] {
    return this.events.filter(({ type }) => type === contract.type).map(({ data }) => data as T);
  }

  hear(input: Input): this {
    const instance = { state: this.state, content: null, now: new Date(this.now) };
    for (const message of decide(this.definition, instance, input)) this.append(message);
    return this;
  }

  /** Answers the newest command of this name. */
  answer(name: string, contract: Contract, data: object): this {
    const commandId = this.ids[this.asked.lastIndexOf(name)];
    if (commandId === undefined) throw new Error(`${name} was not asked; asked were ${this.asked.join(', ')}`);
    return this.reply(commandId, contract, data);
  }

  reply(commandId: string, contract: Contract, data: object): this {
    this.messages += 1;
    const ref = commandRef(commandId)!;
    return this.hear({ kind: 'reply', ref, commandId, contract, data, messageId: `reply-${this.messages}` });
  }

  /** It is done: by its participant, or by egress. */
  done(...names: string[]): this {
    for (const name of names) {
      const echo = { echoId: this.key, step: name };
      if (this.isEffect(name)) {
        this.answer(name, EffectConfirmed, {
          ...{ ...about, providerReference: 'r', attempts: 1, confirmedAt: this.now, dryRun: false, commandId: null },
        });
      } else this.answer(name, name.startsWith('undo') ? EchoUndone : Echoed, echo);
    }
    return this;
  }

  refused(name: string, code = 'REFUSED'): this {
    if (!this.isEffect(name)) return this.answer(name, EchoRefused, { echoId: this.key, step: name, code });
    const why = { code, detail: 'no', attempts: 1, failedAt: this.now, commandId: null };
    return this.answer(name, EffectFailed, { ...about, ...why });
  }

  /** Egress says that nobody knows. */
  unknown(name: string): this {
    const why = { detail: 'cut off', attempts: 1, givenUpAt: this.now, commandId: null };
    return this.answer(name, EffectOutcomeUnknown, { ...about, ...why });
  }

  /** An event of the saga's own that a person's decision made. */
  decided(contract: Contract, data: object): this {
    this.append({ contract, data: { sagaId: this.sagaId, actor: 'ada', reason: 'spec', ...data } });
    return this.hear({ kind: 'look' });
  }

  /** Time passes; each timer that becomes due fires at its time. */
  pass(ms: number): this {
    const until = this.now + ms;
    for (;;) {
      const next = Math.min(...this.timers);
      if (next > until) break;
      this.timers.splice(this.timers.indexOf(next), 1);
      this.now = Math.max(this.now, next);
      this.hear({ kind: 'look' });
    }
    this.now = until;
    return this;
  }

  get timersOut(): number {
    return this.timers.length;
  }

  idOf(name: string): string {
    return this.ids[this.asked.lastIndexOf(name)]!;
  }

  private isEffect(name: string): boolean {
    const step = partsOf(this.definition).find((part) => part.name === name.split(' ').at(-1));
    const way = step?.kind === 'step' ? step.ways.find((one) => one.name === this.wayOf(step.name)) : undefined;
    return way?.done.includes(EffectConfirmed) ?? false;
  }

  private wayOf(step: string): string {
    return this.state.parts[step]?.act.way ?? step;
  }

  private append({ contract, data, id, dueAt }: Message): void {
    if (dueAt) this.timers.push(dueAt.getTime());
    else if (id !== undefined) {
      const { part, side, probe } = commandRef(id)!;
      if (this.ids.includes(id)) throw new Error(`${id} was asked twice`);
      this.ids.push(id);
      this.asked.push(
        `${probe ? 'probe ' : ''}${side === 'undo' ? 'undo ' : ''}${partsOf(this.definition)[part]!.name}`,
      );
    } else {
      const metadata = { correlationId: 'story', causationId: 'cause', hops: 1, handler: 'spec' };
      const place = { id: `e${this.events.length}`, stream: streamOf(contract, data), occurredAt: new Date(this.now) };
      this.events.push({ ...place, type: contract.type, data, metadata });
    }
  }
}

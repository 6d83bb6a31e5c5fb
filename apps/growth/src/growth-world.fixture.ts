import { MemoryJournal, scriptedModel, type Script } from '@towpath/agents/testing/agent-kit';
import { Runner } from '@towpath/agents/runner';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { streamOf } from '@towpath/contracts/contract';
import { encode, toJson } from '@towpath/contracts/codec';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import { project, type Projection } from '@towpath/event-store/projection';
import type { DomainEvent, StoredEvent } from '@towpath/event-store/types';
import type { DecisionState, WorkContext } from '@towpath/service-kit/handles';
import { handlerEntries } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { fourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { Contacts } from './contacts.js';
import { ContentDesk } from './content/content-desk.js';
import { growthConfig, type GrowthConfig } from './config.js';
import { reactions } from './growth.module.js';
import { SalesDesk } from './leads/sales-desk.js';

/** 2026-03-02 12:00:00 UTC */
export const NOON = 1_772_452_800_000;

/** A handler with whatever it takes and gives, as the world sees all of them. */
interface AnyHandler {
  work?(message: never, context: WorkContext): Promise<unknown>;
  handle(message: never, state: DecisionState, result?: unknown): readonly Emission[];
}

/**
 * Growth in memory: its real handlers decide on what was appended before, each reaction for itself, and hear what others of them append. What
 * egress would do is told by the spec.
 */
export class GrowthWorld {
  now = NOON;
  readonly appended: (DomainEvent & { readonly data: never })[] = [];
  readonly timers: { readonly dueAt: Date; readonly emission: Emission; fired: boolean }[] = [];
  readonly journal = new MemoryJournal();
  private readonly byType = new Map<string, AnyHandler[]>();
  private messages = 0;

  constructor({
    script,
    config = {},
    only,
  }: { script?: Script; config?: Partial<GrowthConfig>; only?: string[] } = {}) {
    const settings = { ...growthConfig.parse({}), ...config };
    const keys = { keysFor: (ids: Iterable<string>) => Promise.resolve(keysOf(ids)) };
    const runner = new Runner({ store: this.journal, keys, ...(script && { model: scriptedModel(script) }) });
    const contacts = new Contacts({ read: (stream) => Promise.resolve(this.stream(stream)) }, keys);
    const parts = [settings, runner, contacts, new SalesDesk(settings), new ContentDesk(settings)];
    const desk = new ReviewDesk('growth', fourEyesLimits());
    for (const { name, handlers } of reactions.filter((one) => only?.includes(one.name) ?? true)) {
      for (const handler of handlers) {
        const needs = (Reflect.getMetadata('design:paramtypes', handler) as unknown[] | undefined) ?? [];
        const given = needs.map((need) =>
          need === ReviewDesk
            ? desk
            : (parts.find((part) => typeof need === 'function' && need !== Object && part instanceof need) ?? settings),
        );
        const instance = new (handler as new (...given: unknown[]) => AnyHandler)(...given);
        for (const { contract } of handlerEntries(handler)) {
          this.byType.set(contract.type, [...(this.byType.get(contract.type) ?? []), instance]);
        }
        if (name === '') throw new Error('a reaction has a name');
      }
    }
  }

  /** A message from elsewhere reaches every reaction that handles it, and what they append reaches those that handle that. */
  async hear<C extends Contract>(contract: C, data: DataOf<C>, causationId: string | null = null): Promise<this> {
    this.messages += 1;
    const id = `m${this.messages}`;
    return this.dispatch(this.received(contract, data, id, causationId));
  }

  /** Egress did, or refused, what was last asked of it by this contract. */
  async confirm(contract: Contract, reference = 'ref_1'): Promise<this> {
    const command = this.lastCommand(contract);
    const done = { providerReference: reference, attempts: 1, confirmedAt: this.now, dryRun: false };
    return this.hear(EffectConfirmed, { ...effectOf(command), ...done } as never, command.id);
  }

  async fail(contract: Contract, code: string): Promise<this> {
    const command = this.lastCommand(contract);
    const failed = { code, detail: '', attempts: 1, failedAt: this.now };
    return this.hear(EffectFailed, { ...effectOf(command), ...failed } as never, command.id);
  }

  /** Lets the time pass, firing what is due on the way in its order. */
  async pass(ms: number): Promise<this> {
    const until = this.now + ms;
    for (;;) {
      const next = this.timers
        .filter(({ fired, dueAt }) => !fired && dueAt.getTime() <= until)
        .sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime())[0];
      if (!next) break;
      next.fired = true;
      this.now = Math.max(this.now, next.dueAt.getTime());
      await this.hear(next.emission.contract, next.emission.data);
    }
    this.now = until;
    return this;
  }

  all<C extends Contract>(contract: C): DataOf<C>[] {
    return this.appended.filter(({ type }) => type === contract.type).map(({ data }) => data as DataOf<C>);
  }

  /** Names of what was appended, without the domain. */
  names(): string[] {
    return this.appended.map(({ type }) => type.split('.').at(-1)!);
  }

  row<Row>(projection: Projection<Row>, key: string): Row | undefined {
    return project(projection, this.appended).get(key);
  }

  private async dispatch(message: Received): Promise<this> {
    for (const handler of this.byType.get(message.type) ?? []) {
      const context = { signal: new AbortController().signal, state: this.state(), firstTry: true };
      const result = handler.work ? await handler.work(message as never, context) : undefined;
      const emissions = handler.handle(message as never, this.state(), result);
      for (const event of this.append(emissions, message.id)) await this.dispatch(event);
    }
    return this;
  }

  private append(emissions: readonly Emission[], causationId: string): Received[] {
    return emissions.flatMap(({ contract, data, dueAt }) => {
      encode(contract, data);
      if (dueAt) {
        this.timers.push({ dueAt, emission: { contract, data }, fired: false });
        return [];
      }
      const id = `e${this.appended.length}`;
      const metadata = { correlationId: 'c', causationId, hops: 1, handler: 'spec' };
      const stored = {
        id,
        stream: streamOf(contract, data),
        type: contract.type,
        data: toJson(contract, data) as never,
      };
      this.appended.push({ ...stored, metadata, occurredAt: new Date(this.now) });
      return [this.received(contract, data, id, causationId)];
    });
  }

  private state(): DecisionState {
    return {
      now: new Date(this.now),
      of: <State>(aggregate: Aggregate<State>, key: string) => fold(aggregate, this.stream(aggregate.of(key))),
      row: <Row>(projection: Projection<Row>, key: string) => this.row(projection, key),
      opened: () => undefined,
    };
  }

  private stream(id: string): StoredEvent[] {
    return this.appended.filter(({ stream }) => stream === id) as unknown as StoredEvent[];
  }

  private lastCommand(contract: Contract): DomainEvent {
    const found = this.appended.findLast(({ type }) => type === contract.type);
    if (!found) throw new Error(`nothing asked for ${contract.type}`);
    return found;
  }

  private received<C extends Contract>(
    contract: C,
    data: DataOf<C>,
    id: string,
    causationId: string | null,
  ): Received<C> {
    return {
      ...{ id, type: contract.type, data, subject: 'spec', source: '/services/spec', time: new Date(this.now) },
      ...{ correlationId: 'c', causationId, hops: 0, path: [], traceparent: null },
    };
  }
}

function effectOf({ type, data, id }: DomainEvent) {
  const fields = data as Record<string, string>;
  const subjectId = fields['mailId'] ?? fields['noticeId'] ?? fields['customerId'] ?? fields['contactId'] ?? '';
  return { effectId: `effect_${id}`, action: type, provider: 'spec', subjectId, accountId: '', idempotencyKey: id };
}

function keysOf(ids: Iterable<string>): Map<string, Buffer> {
  return new Map(Array.from(ids, (id) => [id, Buffer.alloc(32, 1)] as const));
}

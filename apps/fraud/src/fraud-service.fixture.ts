import type { Type } from '@nestjs/common';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import type { Projection } from '@towpath/event-store/projection';
import { rowKey, type NewTimer, type RowRef, type StoredEvent, type StoredRow } from '@towpath/event-store/types';
import { handlerTable } from '@towpath/service-kit/handler-table';
import type { Received } from '@towpath/service-kit/message';
import { decideGroup, type Outcome } from '@towpath/service-kit/pipeline/decide-group';
import { GroupState } from '@towpath/service-kit/pipeline/group-state';
import type { BoundHandler, Item } from '@towpath/service-kit/pipeline/item';
import { handlers, projections } from './fraud.module.js';
import { NOON } from './payment-facts.fixture.js';

/** One message to the service. */
export interface Inbound<C extends Contract = Contract> {
  readonly contract: C;
  readonly data: DataOf<C>;
  /** `ce_id`; a repeat has the same */
  readonly id: string;
}

let messages = 0;

/** A message with an id of its own. */
export function message<C extends Contract>(contract: C, data: NoInfer<DataOf<C>>): Inbound<C> {
  messages += 1;
  return { contract, data, id: `message-${messages}` };
}

/**
 * The fraud service in memory: its real handlers and projections under the kit's real group semantics, without Kafka and
 * Postgres. What is stored goes through JSON, as it does in the store.
 */
export class FraudService {
  now = NOON;
  /** everything appended, in order */
  readonly appended: { type: string; data: never }[] = [];
  private readonly table: ReadonlyMap<string, BoundHandler>;
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly rows = new Map<string, StoredRow>();
  private readonly inbox = new Set<string>();
  private timers: NewTimer[] = [];

  constructor() {
    this.table = handlerTable('fraud', handlers as readonly Type[], (handler) => new handler());
  }

  /** Hands over messages as one group. */
  group(...inbound: readonly Inbound[]): this {
    this.commit(inbound.flatMap((one) => this.itemOf(one)));
    return this;
  }

  /** Lets time pass; due timers fire in order of time, at most `groupMax` to a group. */
  pass(milliseconds: number, groupMax = 100): this {
    const end = this.now + milliseconds;
    for (;;) {
      this.timers.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
      const next = this.timers[0]?.dueAt.getTime() ?? Infinity;
      if (next > end) break;
      this.now = Math.max(this.now, next);
      const due = this.timers.filter(({ dueAt }) => dueAt.getTime() <= this.now).slice(0, groupMax);
      this.timers = this.timers.filter((timer) => !due.includes(timer));
      this.commit(due.flatMap((timer) => this.itemOfTimer(timer)));
    }
    this.now = end;
    return this;
  }

  /** The data of every appended message of a contract. */
  all<C extends Contract>(contract: C): DataOf<C>[] {
    return this.appended.filter(({ type }) => type === contract.type).map(({ data }) => data as DataOf<C>);
  }

  /** Names of what was appended since `from`, without the domain. */
  names(from = 0): string[] {
    return this.appended.slice(from).map(({ type }) => type.split('.').at(-1)!);
  }

  stateOf<State>(aggregate: Aggregate<State>, key: string): State {
    return fold(aggregate, this.streams.get(aggregate.of(key)) ?? []);
  }

  rowsOf(projection: Projection<unknown>): Map<string, unknown> {
    const own = [...this.rows.values()].filter(({ name }) => name === projection.name);
    return new Map(own.map(({ key, state }) => [key, state]));
  }

  events(): StoredEvent[] {
    return [...this.log];
  }

  private readonly log: StoredEvent[] = [];

  private itemOf({ contract, data, id }: Inbound): Item[] {
    const handler = this.table.get(contract.type);
    if (!handler || this.inbox.has(id)) return [];
    this.inbox.add(id);
    const subject = String((data as Record<string, unknown>)[contract.key]);
    return [{ message: received(contract.type, data, id, subject, this.now), handler, orderKey: subject, attempts: 0 }];
  }

  private itemOfTimer({ id, type, data }: NewTimer): Item[] {
    const handler = this.table.get(type);
    if (!handler) return [];
    const subject = String((data as Record<string, unknown>)[handler.contract.key]);
    return [{ message: received(type, data, id, subject, this.now), handler, orderKey: subject, attempts: 2 }];
  }

  private commit(items: readonly Item[]): void {
    if (items.length === 0) return;
    const refs = new Map<string, RowRef>();
    const streams = new Set<string>();
    for (const { handler, message: one } of items) {
      const reads = handler.instance.reads?.(one);
      for (const stream of reads?.streams ?? []) streams.add(stream);
      for (const row of reads?.rows ?? []) refs.set(rowKey(row), row);
    }
    const loaded = {
      seen: new Map<string, Buffer>(),
      streams: new Map([...streams].map((stream) => [stream, this.streams.get(stream) ?? []])),
      rows: this.rows,
    };
    const own = projections as readonly Projection<unknown>[];
    const state = new GroupState(loaded, [...refs.values()], own);
    const outcome = decideGroup(items, state, 'fraud', new Date(this.now));
    if (outcome.failed.length > 0) throw new Error(JSON.stringify(outcome.failed.map(({ failure }) => failure)));
    state.addLate(loaded);
    this.store(outcome, state);
  }

  private store(outcome: Outcome, state: GroupState): void {
    for (const { events, timers } of outcome.decided) {
      for (const event of events) {
        const data = copy(event.data) as never;
        const stream = this.streams.get(event.stream) ?? [];
        const version = stream.length + 1;
        const stored = { ...event, data, version, position: String(this.log.length + 1), kind: 'event' as const };
        this.log.push({ ...stored, hash: Buffer.alloc(0) });
        this.streams.set(event.stream, [...stream, this.log.at(-1)!]);
        this.appended.push({ type: event.type, data });
      }
      this.timers.push(...timers.map((timer) => ({ ...timer, data: copy(timer.data) as object })));
    }
    for (const { name, key, state: row } of state.writes()) {
      this.rows.set(rowKey({ name, key }), { name, key, version: 1, state: copy(row) });
    }
  }
}

function received(type: string, data: unknown, id: string, subject: string, now: number): Received {
  return {
    ...{ id, type, data, subject, source: '/services/test', time: new Date(now) },
    ...{ correlationId: id, causationId: null, hops: 0, path: [], traceparent: null },
  };
}

function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

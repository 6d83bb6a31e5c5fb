import type { Type } from '@nestjs/common';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import type { Projection } from '@towpath/event-store/projection';
import { rowKey, type NewTimer, type RowRef, type StoredEvent, type StoredRow } from '@towpath/event-store/types';
import { foldsOf } from '@towpath/service-kit/folds';
import { handlerTable } from '@towpath/service-kit/handler-table';
import type { Received } from '@towpath/service-kit/message';
import { decideGroup, type Outcome } from '@towpath/service-kit/pipeline/decide-group';
import { GroupState } from '@towpath/service-kit/pipeline/group-state';
import type { BoundHandler, Item } from '@towpath/service-kit/pipeline/item';
import { fourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { AddPaymentContext } from './add-payment-context.handler.js';
import { aggregates, handlers, projections } from './fraud.module.js';
import { BY_RULES_ALONE, type Judging } from './judge.js';
import { PassOpinionDeadline } from './pass-opinion-deadline.handler.js';
import { OpenFraudCase } from './open-fraud-case.handler.js';
import { PassContextDeadline } from './pass-context-deadline.handler.js';
import { NOON } from './payment-facts.fixture.js';

/** One message to the service. */
export interface Inbound<C extends Contract = Contract> {
  readonly contract: C;
  readonly data: DataOf<C>;
  /** `ce_id`; a repeat has the same */
  readonly id: string;
}

const ASKING: readonly Type[] = [OpenFraudCase, AddPaymentContext, PassContextDeadline, PassOpinionDeadline];

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

  /** messages of queued handlers whose work nobody has done yet */
  private unworked: Item[] = [];

  /** @param judging by which rules, and whether a model can be asked; what it says is `answer`ed by the spec */
  constructor(judging: Judging = BY_RULES_ALONE, limits = fourEyesLimits()) {
    const desk = new ReviewDesk('fraud', limits);
    this.table = handlerTable('fraud', handlers as readonly Type[], (handler) =>
      ASKING.includes(handler) ? new handler(judging) : new handler(desk),
    );
  }

  /** The work of the oldest queued message gives this. */
  answer(result: unknown): this {
    const item = this.unworked.shift();
    if (!item) throw new Error('no message waits for work');
    this.commit([{ ...item, work: { result } }]);
    return this;
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
    return [
      {
        message: received(type, data, id, subject, this.now),
        handler,
        orderKey: subject,
        attempts: handler.retry.retries,
      },
    ];
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
      held: new Map<string, null>(),
    };
    const state = new GroupState(loaded, [...refs.values()], foldsOf({ aggregates, projections }));
    const outcome = decideGroup(items, state, {
      ...{ service: 'fraud', now: new Date(this.now), held: loaded.held },
      random: () => 0,
    });
    const inline = outcome.waiting.filter(({ lane }) => lane === 'inline');
    if (inline.length > 0) throw new Error(JSON.stringify(inline.map(({ tried }) => tried)));
    this.unworked.push(...outcome.waiting.map(({ item }) => item));
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

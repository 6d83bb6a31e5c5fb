import { MemoryJournal, scriptedModel, type Script } from '@towpath/agents/testing/agent-kit';
import { Runner } from '@towpath/agents/runner';
import type { Type } from '@nestjs/common';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { TicketTriaged } from '@towpath/contracts/tickets/TicketTriaged.v1';
import { fold } from '@towpath/event-store/fold';
import { rowKey, type EventStore, type NewTimer, type StoredEvent, type StoredRow } from '@towpath/event-store/types';
import { foldsOf } from '@towpath/service-kit/folds';
import { handlerTable } from '@towpath/service-kit/handler-table';
import type { Received } from '@towpath/service-kit/message';
import { decideGroup, type Outcome } from '@towpath/service-kit/pipeline/decide-group';
import { GroupState } from '@towpath/service-kit/pipeline/group-state';
import type { BoundHandler, Item } from '@towpath/service-kit/pipeline/item';
import { fourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { AnswerTicket } from './answer-ticket.handler.js';
import { Answering, MacroFile } from './answer-ticket.js';
import { supportConfig, type SupportConfig } from './config.js';
import { DecideReplyReview } from './decide-review.handler.js';
import { RedraftReply } from './redraft-reply.handler.js';
import { SendDueReply } from './send-due-reply.handler.js';
import { aggregates, handlers, projections } from './support.module.js';
import { ticketCase } from './ticket-case.js';
import type { TicketCase } from './ticket-state.js';
import { TicketTexts } from './ticket-texts.js';

export const NOON = Date.UTC(2026, 10, 29, 12);
export const TICKET = 'zendesk:acme:1';
export const CUSTOMER = 'contact_1';

interface WorldOptions {
  readonly model?: Script;
  readonly config?: Partial<Record<keyof SupportConfig, string>>;
}

/**
 * The support service in memory: its real handlers, agent, folds and the kit's real group semantics, without Kafka, Postgres and
 * encryption. Work of queued handlers waits until `work` runs it, so that a spec can let something happen meanwhile.
 */
export class SupportWorld {
  now = NOON;
  readonly appended: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[] = [];
  readonly file: MacroFile;
  private readonly table: ReadonlyMap<string, BoundHandler>;
  private readonly streams = new Map<string, StoredEvent[]>();
  private readonly rows = new Map<string, StoredRow>();
  private readonly waiting: Item[] = [];
  private timers: NewTimer[] = [];
  private messages = 0;

  constructor({ model, config = {} }: WorldOptions = {}) {
    const settings = supportConfig.parse(config);
    this.file = new MacroFile(settings);
    const store = {
      read: async (stream: string) => this.streams.get(stream) ?? [],
      loadGroup: async () => ({ rows: this.rows }) as never,
    } satisfies Pick<EventStore, 'read' | 'loadGroup'>;
    const keys = { keysFor: async (ids: Iterable<string>) => new Map([...ids].map((id) => [id, Buffer.alloc(32)])) };
    const texts = new TicketTexts(store, keys);
    const runner = new Runner({ store: new MemoryJournal(), keys, ...(model && { model: scriptedModel(model) }) });
    const answering = new Answering(runner, texts, this.file, settings);
    const desk = new ReviewDesk('support', fourEyesLimits());
    const instances = new Map<Type, unknown>([
      [AnswerTicket, new AnswerTicket(answering)],
      [RedraftReply, new RedraftReply(answering)],
      [SendDueReply, new SendDueReply(texts)],
      [DecideReplyReview, new DecideReplyReview(desk, this.file)],
    ]);
    const classes = handlers as readonly (Type & (new () => unknown))[];
    this.table = handlerTable('support', classes, (one) => instances.get(one) ?? new (one as new () => unknown)());
  }

  /** A message of the service's topics: decided at once, or put to the work that waits. */
  tell<C extends Contract>(contract: C, data: NoInfer<DataOf<C>>): this {
    const handler = this.table.get(contract.type);
    if (!handler) throw new Error(`nobody handles ${contract.type}`);
    this.messages += 1;
    const id = `message-${this.messages}`;
    const subject = String((data as Record<string, unknown>)[contract.key]);
    const item = { message: this.received(contract.type, data, id, subject), handler, orderKey: subject, attempts: 0 };
    if (handler.queued) this.waiting.push(item);
    else this.commit(item);
    return this;
  }

  /** Begins the work that waits longest; `end` lets it be decided. Undefined when none waits. */
  begin(): { end(): Promise<void> } | undefined {
    const item = this.waiting.shift();
    if (!item) return undefined;
    const state = this.stateFor(item);
    state.now = new Date(this.now);
    const result = item.handler.instance.work!(item.message, {
      signal: new AbortController().signal,
      state,
      firstTry: true,
    });
    return { end: async () => this.commit({ ...item, work: { result: await result } }) };
  }

  /** Does all work that waits and fires every timer that is due, until nothing is left. */
  async settle(): Promise<this> {
    for (;;) {
      const begun = this.begin();
      if (begun) await begun.end();
      else if (!this.fireTimers()) return this;
    }
  }

  /** Something a customer wrote, with triage's word on it. */
  customerWrites(
    body: string,
    over: Partial<DataOf<typeof TicketReceived>> & Partial<DataOf<typeof TicketTriaged>> = {},
  ): this {
    this.now += 60_000;
    const messageId = over.messageId ?? `m${this.messages + 1}`;
    const { intent = 'order_status', confidence = 0.95, queue = 'general', outOfScope = false, ...rest } = over;
    const received = this.message({ body, messageId, ...rest });
    const { ticketId, customerId } = received;
    const about = { ticketId, customerId, messageId, intent, confidence, queue, outOfScope };
    return this.tell(TicketReceived, received).tell(TicketTriaged, { ...about, modelVersion: 'spec' });
  }

  personWrites(over: Partial<DataOf<typeof TicketReceived>> = {}): this {
    this.now += 1_000;
    const messageId = `p${this.messages + 1}`;
    return this.tell(TicketReceived, this.message({ authorKind: 'person', body: 'I take care.', messageId, ...over }));
  }

  /** What a person decides of the review that was asked last. */
  decides(decision: string, over: Partial<DataOf<typeof DecideReview>> = {}): this {
    const asked = this.all(ReviewRequested).at(-1)!;
    const { reviewId, subjectType, subjectId, personId, actionHash } = asked;
    return this.tell(DecideReview, {
      ...{ reviewId, service: 'support', subjectType, subjectId, personId, actionHash },
      ...{ decision, reasonCode: 'ok', reason: 'looked at it', edited: null, actor: 'ada', role: 'support-agent' },
      ...over,
    });
  }

  all<C extends Contract>(contract: C): DataOf<C>[] {
    return this.appended.filter(({ type }) => type === contract.type).map(({ data }) => data as DataOf<C>);
  }

  /** Names of what was appended since `from`, without the domain. */
  names(from = 0): string[] {
    return this.appended.slice(from).map(({ type }) => type.split('.').at(-1)!);
  }

  case(ticketId = TICKET): TicketCase {
    return fold(ticketCase, this.streams.get(ticketCase.of(ticketId)) ?? []);
  }

  get events(): StoredEvent[] {
    return [...this.streams.values()].flat();
  }

  private message(over: Partial<DataOf<typeof TicketReceived>>): DataOf<typeof TicketReceived> {
    return {
      ...{ ticketId: TICKET, messageId: 'm', channel: 'zendesk', source: 'zendesk', customerId: CUSTOMER },
      ...{ customerEmail: 'ada@example.org', accountId: null, subject: 'Question', body: '', authorKind: 'customer' },
      ...{ internal: false, authorVerified: null, tags: [], vip: false, providerMessageId: null, sentAt: this.now },
      ...over,
    };
  }

  private fireTimers(): boolean {
    const due = this.timers;
    this.timers = [];
    for (const { id, type, data } of due) {
      const handler = this.table.get(type)!;
      const subject = String((data as Record<string, unknown>)[handler.contract.key]);
      const item = { message: this.received(type, data, id, subject), handler, orderKey: subject, attempts: 0 };
      if (handler.queued) this.waiting.push(item);
      else this.commit(item);
    }
    return due.length > 0;
  }

  private stateFor({ handler, message }: Item): GroupState {
    const { streams = [], rows = [] } = handler.instance.reads?.(message) ?? {};
    const loaded = {
      seen: new Map<string, Buffer>(),
      streams: new Map(streams.map((stream) => [stream, this.streams.get(stream) ?? []])),
      rows: this.rows,
      held: new Map<string, null>(),
    };
    return new GroupState(loaded, rows, foldsOf({ aggregates, projections }));
  }

  private commit(item: Item): void {
    const state = this.stateFor(item);
    const around = { service: 'support', now: new Date(this.now), held: new Map<string, null>(), random: () => 0 };
    const outcome = decideGroup([{ ...item, attempts: item.handler.retry.retries }], state, around);
    state.addLate({ seen: new Map(), streams: new Map(), rows: this.rows, held: new Map() });
    this.store(outcome, state);
  }

  private store({ decided }: Outcome, state: GroupState): void {
    for (const { events, timers } of decided) {
      for (const event of events) {
        const data = copy(event.data) as Record<string, unknown>;
        const stream = this.streams.get(event.stream) ?? [];
        const place = {
          version: stream.length + 1,
          position: String(this.appended.length + 1),
          kind: 'event' as const,
        };
        this.streams.set(event.stream, [...stream, { ...event, ...place, data, hash: Buffer.alloc(0) }]);
        this.appended.push({ type: event.type, data });
      }
      this.timers.push(...timers.map((timer) => ({ ...timer, data: copy(timer.data) as object })));
    }
    for (const { name, key, state: row } of state.writes()) {
      this.rows.set(rowKey({ name, key }), { name, key, version: 1, state: copy(row) });
    }
  }

  private received(type: string, data: unknown, id: string, subject: string): Received {
    return {
      ...{ id, type, data: copy(data), subject, source: '/services/test', time: new Date(this.now) },
      ...{ correlationId: id, causationId: null, hops: 0, path: [], traceparent: null },
    };
  }
}

function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

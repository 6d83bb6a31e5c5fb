import { topicOf } from '@towpath/contracts/contract';
import type { ConsumerSettings } from '@towpath/contracts/topics';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { subscribe, type Subscription } from '@towpath/kafka/consumer';
import type { InboundRecord } from '@towpath/kafka/record';
import type { ActAuthority } from './agents/act-authority.js';
import { Redrives } from './dead-letters/redrives.js';
import type { Folds } from './folds.js';
import { about, type Logger } from './logger.js';
import { GroupProcessor, type GroupProcessorOptions } from './pipeline/group-processor.js';
import { GroupQueue } from './pipeline/group-queue.js';
import { HeldWorkers } from './pipeline/held-workers.js';
import type { Inbound } from './pipeline/inbound.js';
import type { Item } from './pipeline/item.js';
import type { PipelineMetrics } from './pipeline/pipeline-metrics.js';
import { TimerLoop } from './pipeline/timer-loop.js';
import type { ConsumerTable } from './reactions/consumer-tables.js';
import { Restoration } from './restoration.js';
import type { MessageSpans } from './tracing/message-spans.js';

export interface ConsumerGroupOptions {
  readonly service: string;
  readonly consumer: ConsumerSettings;
  readonly folds: Folds;
  readonly store: EventStore;
  readonly vault: Vault;
  readonly brokers: string[];
  readonly metrics: PipelineMetrics;
  readonly spans: MessageSpans | undefined;
  readonly logger: Logger;
  readonly acts?: ActAuthority;
  readonly onDeadLetter: NonNullable<GroupProcessorOptions['onDeadLetter']>;
  /** told the earliest timer that a commit wrote, whichever group it is for */
  onTimer(dueAt: Date): void;
  onSkipped(topic: string): void;
  onFatal(error: Error): void;
}

/**
 * What a service does in one consumer group: its messages, its timers and what of both waits, by an inbox and in an order of its own.
 * Groups of a service share its store, and nothing by which one of them could keep up another.
 */
export class ConsumerGroup {
  readonly queue: GroupQueue;
  private readonly processor: GroupProcessor;
  private readonly restoration: Restoration;
  private timers: TimerLoop | undefined;
  private held: HeldWorkers | undefined;
  private subscription: Subscription | undefined;

  constructor(private readonly options: ConsumerGroupOptions) {
    const { consumer } = options;
    this.restoration = new Restoration({ ...options, consumer: consumer.name });
    this.processor = new GroupProcessor({
      ...options,
      consumer: consumer.name,
      onHeld: (waiting) => this.held?.expect(waiting),
      restored: (items) => this.restoration.attach(items),
    });
    this.queue = new GroupQueue(this.processor);
  }

  get name(): string {
    return this.options.consumer.name;
  }

  /** Starts reading topics, firing timers and running what waits. */
  async start(table: ConsumerTable, others: readonly ConsumerTable[], inbound: Inbound): Promise<void> {
    const { service, store, vault, logger, consumer } = this.options;
    const { handlers, letters } = table;
    await this.restoration.start(others.flatMap((one) => [...one.handlers.values()].map(({ name }) => name)));
    const redrives = new Redrives({ handlers, letters, store, vault, inbound });
    this.timers = new TimerLoop({ store, inbound, queue: this.queue, types: timersOf(table), logger });
    this.timers.start();
    this.held = new HeldWorkers({
      ...{ service, handlers, store, vault, logger, inbound, redrives, queue: this.queue },
      ...{ consumer: consumer.name, others: others.map(({ name }) => name) },
      stateFor: (item: Item) => this.processor.stateFor(item),
    });
    this.held.start();
    if (consumer.topics.length === 0) return;
    this.subscription = await subscribe({
      brokers: this.options.brokers,
      groupId: consumer.name,
      clientId: consumer.name,
      topics: [...consumer.topics],
      first: firstOf(table, service),
      // A service may have many of them, and each costs also while nothing comes.
      patient: consumer.reaction !== undefined,
      accepts: (type) => handlers.has(type),
      onRecords: (records) => this.handle(inbound, redrives, records),
      onSkipped: (topic) => this.options.onSkipped(topic),
      onFatal: (error) => this.options.onFatal(error),
      logger,
    });
  }

  /** A timer may be due at this time. */
  expectTimer(dueAt: Date): void {
    this.timers?.expect(dueAt);
  }

  /** What waits may have changed. */
  lookAgain(): void {
    this.held?.lookAgain();
  }

  /** How many works run now, by the name of their handler. */
  runningNow(): ReadonlyMap<string, number> {
    return this.held?.runningNow() ?? new Map<string, number>();
  }

  /** Why it does not consume; undefined while it does. */
  problem(): string | undefined {
    if (this.options.consumer.topics.length === 0) return undefined;
    const state = this.subscription?.health().state ?? 'not started';
    return state === 'running' ? undefined : `consumer is ${state}`;
  }

  /** Stops fetching, finishes what is in flight, gives back what takes longer, commits offsets, leaves the group. */
  async stop(): Promise<void> {
    // All at once: leaving the group may take as long as the service has, and work is to be given back before that.
    await Promise.all([this.subscription?.stop(), this.timers?.stop(), this.held?.stop()]);
    await this.queue.drained();
  }

  private async handle(inbound: Inbound, redrives: Redrives, records: InboundRecord[]): Promise<void> {
    const { consumer, logger } = this.options;
    const where = consumer.reaction === undefined ? {} : { reaction: consumer.reaction };
    const items = await inbound.items(records);
    for (const { message } of items) logger.info({ ...about(message), ...where }, 'event.received');
    await this.queue.process(await redrives.expand(items));
  }
}

/** Topics that something begins with. */
function firstOf({ handlers }: ConsumerTable, service: string): ReadonlySet<string> {
  return new Set([...handlers.values()].flatMap(({ first, contract }) => (first ? [topicOf(contract, service)] : [])));
}

/** What comes as a timer and never as a record, older versions included. */
function timersOf({ handlers }: ConsumerTable): string[] {
  return [...handlers].flatMap(([type, { contract }]) => (contract.kind === 'internal' ? [type] : []));
}

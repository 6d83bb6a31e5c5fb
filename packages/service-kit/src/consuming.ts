import { services } from '@towpath/contracts/topics';
import type { EventStore } from '@towpath/event-store/types';
import type { Projection } from '@towpath/event-store/projection';
import type { Vault } from '@towpath/event-store/vault';
import { subscribe, type Subscription } from '@towpath/kafka/consumer';
import { Registry } from '@towpath/kafka/registry';
import type { InboundRecord } from '@towpath/kafka/record';
import { about, type Logger } from './logger.js';
import { PipelineMetrics, type Metrics } from './metrics.js';
import { GroupProcessor } from './pipeline/group-processor.js';
import { GroupQueue } from './pipeline/group-queue.js';
import { Inbound } from './pipeline/inbound.js';
import type { BoundHandler } from './pipeline/item.js';
import { TimerLoop } from './pipeline/timer-loop.js';
import type { Readiness } from './readiness.js';

export interface ConsumingOptions {
  readonly service: string;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  readonly projections: readonly Projection<unknown>[];
  readonly store: EventStore;
  readonly vault: Vault;
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly readiness: Readiness;
  onFatal(error: Error): void;
}

/** What an idle inbox keeps: longer than any provider's retry schedule and any finite topic of ours. */
const INBOX_DAYS = { aheadDays: 2, keepDays: 35 };
const MAINTENANCE_MS = 6 * 3_600_000;

/** The processing side of a service: the queue that its own decisions share with its messages, and the consumer. */
export class Consuming {
  readonly queue: GroupQueue;
  private readonly processor: GroupProcessor;
  private timers: TimerLoop | undefined;
  private subscription: Subscription | undefined;
  private maintenance: NodeJS.Timeout | undefined;

  constructor(private readonly options: ConsumingOptions) {
    this.processor = new GroupProcessor({
      ...options,
      metrics: new PipelineMetrics(options.metrics),
      onTimer: (dueAt) => this.timers?.expect(dueAt),
    });
    this.queue = new GroupQueue(this.processor);
  }

  /** Starts reading topics and firing timers. */
  async start(): Promise<void> {
    const { service, handlers, store, logger, readiness } = this.options;
    await this.maintain();
    this.maintenance = setInterval(
      () => void this.maintain().catch((err) => logger.warn({ err }, 'inbox.maintenance')),
      MAINTENANCE_MS,
    );
    this.maintenance.unref();
    const inbound = await this.inbound();
    this.timers = new TimerLoop(store, inbound, this.queue, logger);
    this.timers.start();
    readiness.add('store', () => store.ping().then(() => undefined));
    const topics = services().find(({ name }) => name === service)?.consumes ?? [];
    if (topics.length === 0) return;
    this.subscription = await subscribe({
      brokers: this.options.brokers,
      groupId: service,
      clientId: service,
      topics: [...topics],
      accepts: (type) => handlers.has(type),
      onRecords: (records) => this.handle(inbound, records),
      onFatal: (error) => this.options.onFatal(error),
      logger,
    });
    readiness.add('consumer', () => this.consumerProblem());
  }

  /** Stops fetching, finishes what is in flight, commits offsets, leaves the group. */
  async stop(): Promise<void> {
    clearInterval(this.maintenance);
    await this.subscription?.stop();
    await this.timers?.stop();
    await this.queue.drained();
  }

  private async handle(inbound: Inbound, records: InboundRecord[]): Promise<void> {
    const items = await inbound.items(records);
    for (const { message } of items) this.options.logger.info(about(message), 'event.received');
    await this.queue.process(items);
  }

  private async inbound(): Promise<Inbound> {
    const { service, handlers, store, vault, registryUrl } = this.options;
    const ids = await store.schemaIds();
    const schemaIds = new Map([...ids].map(([type, { schemaId }]) => [type, schemaId]));
    const registry = new Registry({ url: registryUrl, clientId: service });
    const writerSchema = async (schemaId: number) => (await registry.schemaOf(schemaId)).schema;
    return new Inbound({ service, handlers, schemaIds, vault, writerSchema });
  }

  private maintain(): Promise<void> {
    return this.options.store.maintainInbox(INBOX_DAYS);
  }

  private consumerProblem(): string | undefined {
    const health = this.subscription?.health();
    return health?.state === 'running' ? undefined : `consumer is ${health?.state ?? 'not started'}`;
  }
}

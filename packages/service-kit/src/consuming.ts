import { serviceOf, topicOfName } from '@towpath/contracts/topics';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { subscribe, type Subscription } from '@towpath/kafka/consumer';
import { Registry } from '@towpath/kafka/registry';
import type { InboundRecord } from '@towpath/kafka/record';
import type { ActAuthority } from './agents/act-authority.js';
import { Decisions } from './decisions.js';
import { DeadLetterAlerts } from './dead-letters/dead-letter-alerts.js';
import { Redrives } from './dead-letters/redrives.js';
import type { Folds } from './folds.js';
import { checkInboxKeeping } from './inbox-keeping.js';
import { about, type Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import { GroupProcessor } from './pipeline/group-processor.js';
import { GroupQueue } from './pipeline/group-queue.js';
import { HeldWorkers } from './pipeline/held-workers.js';
import { Inbound } from './pipeline/inbound.js';
import type { BoundHandler, Item } from './pipeline/item.js';
import { PipelineMetrics } from './pipeline/pipeline-metrics.js';
import { TimerLoop } from './pipeline/timer-loop.js';
import type { Readiness } from './readiness.js';
import { Restoration } from './restoration.js';
import { MessageSpans } from './tracing/message-spans.js';
import type { Tracing } from './tracing/tracing.js';

export interface ConsumingOptions {
  readonly service: string;
  /** what it reads; none for a service that only fires its timers */
  readonly topics: readonly string[];
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  readonly folds: Folds;
  readonly store: EventStore;
  readonly vault: Vault;
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** default: nothing is traced */
  readonly tracing?: Tracing;
  readonly readiness: Readiness;
  /** judges what agents ask for */
  readonly acts?: ActAuthority;
  onFatal(error: Error): void;
}

/** The processing side of a service: the queue that its own decisions share with its messages, and the consumer. */
export class Consuming {
  readonly queue: GroupQueue;
  private readonly processor: GroupProcessor;
  private readonly spans: MessageSpans | undefined;
  private readonly skipped;
  private timers: TimerLoop | undefined;
  private held: HeldWorkers | undefined;
  private subscription: Subscription | undefined;
  private readonly restoration: Restoration;

  constructor(private readonly options: ConsumingOptions) {
    const metrics = new PipelineMetrics(options.metrics);
    const tracer = options.tracing?.tracer;
    this.spans = tracer && new MessageSpans(options.service, tracer);
    this.restoration = new Restoration(options);
    this.processor = new GroupProcessor({
      ...options,
      spans: this.spans,
      metrics,
      onTimer: (dueAt) => this.timers?.expect(dueAt),
      onHeld: (waiting) => this.held?.expect(waiting),
      onDeadLetter: (cause, letter) => void alerts.look(cause, letter),
      restored: (items) => this.restoration.attach(items),
    });
    this.queue = new GroupQueue(this.processor);
    options.metrics.gauge('towpath_inbox_depth', () => this.queue.depth);
    this.measureTimers();
    this.skipped = options.metrics.counter('towpath_records_skipped_total');
    for (const topic of options.topics) this.skipped.add(0, { topic });
    const alerts = new DeadLetterAlerts(new Decisions(this.queue), metrics, options.logger);
  }

  /** Starts reading topics and firing timers. */
  async start(): Promise<void> {
    const { service, topics, handlers, store, logger, readiness } = this.options;
    checkInboxKeeping(serviceOf(service).consumes.map(topicOfName));
    await this.restoration.start();
    const inbound = await this.inbound();
    const redrives = new Redrives({ ...this.options, inbound });
    this.timers = new TimerLoop(store, inbound, this.queue, logger);
    this.timers.start();
    const stateFor = (item: Item) => this.processor.stateFor(item);
    this.held = new HeldWorkers({ ...this.options, inbound, redrives, queue: this.queue, stateFor });
    this.held.start();
    readiness.add('store', () => store.ping().then(() => undefined));
    if (topics.length === 0) return;
    this.subscription = await subscribe({
      brokers: this.options.brokers,
      groupId: service,
      clientId: service,
      topics: [...topics],
      accepts: (type) => handlers.has(type),
      onRecords: (records) => this.handle(inbound, redrives, records),
      onSkipped: (topic) => this.skipped.add(1, { topic }),
      onFatal: (error) => this.options.onFatal(error),
      logger,
    });
    readiness.add('consumer', () => this.consumerProblem());
  }

  /** Stops fetching, finishes what is in flight, gives back what takes longer, commits offsets, leaves the group. */
  async stop(): Promise<void> {
    // All at once: leaving the group may take as long as the service has, and work is to be given back before that.
    await Promise.all([this.subscription?.stop(), this.timers?.stop(), this.held?.stop()]);
    await this.queue.drained();
  }

  private async handle(inbound: Inbound, redrives: Redrives, records: InboundRecord[]): Promise<void> {
    const items = await inbound.items(records);
    for (const { message } of items) this.options.logger.info(about(message), 'event.received');
    await this.queue.process(await redrives.expand(items));
  }

  private async inbound(): Promise<Inbound> {
    const { service, handlers, store, vault, registryUrl, folds } = this.options;
    const ids = await store.schemaIds();
    const schemaIds = new Map([...ids].map(([type, { schemaId }]) => [type, schemaId]));
    const registry = new Registry({ url: registryUrl, clientId: service });
    const writerSchema = async (schemaId: number) => (await registry.schemaOf(schemaId)).schema;
    return new Inbound({
      service,
      handlers,
      schemaIds,
      vault,
      writerSchema,
      upcasters: folds.upcasters,
      spans: this.spans,
    });
  }

  private measureTimers(): void {
    const { metrics, store, logger } = this.options;
    metrics.gauges(['towpath_timers_overdue_seconds'], async (observe) => {
      try {
        observe('towpath_timers_overdue_seconds', await store.timersOverdueSeconds());
      } catch (error) {
        logger.warn({ err: error }, 'timers.unmeasured');
      }
    });
  }

  private consumerProblem(): string | undefined {
    const health = this.subscription?.health();
    return health?.state === 'running' ? undefined : `consumer is ${health?.state ?? 'not started'}`;
  }
}

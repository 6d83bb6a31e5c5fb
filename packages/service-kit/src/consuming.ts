import { serviceOf, topicOfName, type ConsumerSettings } from '@towpath/contracts/topics';
import type { Notices } from '@towpath/event-store/notices';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { Registry } from '@towpath/kafka/registry';
import type { ActAuthority } from './agents/act-authority.js';
import { ConsumerGroup } from './consumer-group.js';
import { measureConsumers } from './consumer-metrics.js';
import { Decisions } from './decisions.js';
import { DeadLetterAlerts } from './dead-letters/dead-letter-alerts.js';
import type { Folds } from './folds.js';
import { checkInboxKeeping } from './inbox-keeping.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import type { GroupQueue } from './pipeline/group-queue.js';
import { Inbound } from './pipeline/inbound.js';
import { PipelineMetrics } from './pipeline/pipeline-metrics.js';
import type { ConsumerTable } from './reactions/consumer-tables.js';
import type { Readiness } from './readiness.js';
import { MessageSpans } from './tracing/message-spans.js';
import type { Tracing } from './tracing/tracing.js';

export interface ConsumingOptions {
  readonly service: string;
  /** its consumer groups, its own first; one without topics only fires its timers */
  readonly consumers: readonly ConsumerSettings[];
  /** names of the groups that run in this process; default: all */
  readonly runs?: readonly string[] | undefined;
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

/** The processing side of a service: its consumer groups, as many of them as run in this process. */
export class Consuming {
  /** in which the service decides by itself, too */
  readonly queue: GroupQueue;
  private readonly groups: readonly ConsumerGroup[];
  private readonly spans: MessageSpans | undefined;
  private notices: Notices | undefined;

  constructor(private readonly options: ConsumingOptions) {
    const { service, consumers, runs } = options;
    const metrics = new PipelineMetrics(options.metrics);
    const tracer = options.tracing?.tracer;
    this.spans = tracer && new MessageSpans(service, tracer);
    const skipped = options.metrics.counter('towpath_records_skipped_total');
    const shared = {
      ...{ ...options, metrics, spans: this.spans },
      onTimer: (dueAt: Date) => this.groups.forEach((group) => group.expectTimer(dueAt)),
      onSkipped: (topic: string) => skipped.add(1, { topic }),
      onDeadLetter: (...letter: Parameters<DeadLetterAlerts['look']>) => void alerts.look(...letter),
    };
    const made = consumers.map((consumer) => new ConsumerGroup({ ...shared, consumer }));
    this.queue = made[0]!.queue;
    this.groups = made.filter(({ name }) => runs?.includes(name) ?? true);
    for (const topic of new Set(consumers.flatMap(({ topics }) => topics))) skipped.add(0, { topic });
    measureConsumers(this.groups, made[0]!, options);
    const alerts = new DeadLetterAlerts(new Decisions(this.queue), metrics, options.logger);
  }

  /** Starts reading topics and firing timers, with the handlers of each group. */
  async start(tables: readonly ConsumerTable[]): Promise<void> {
    const { service, store, readiness } = this.options;
    checkInboxKeeping(serviceOf(service).consumes.map(topicOfName));
    const inboundOf = await this.inbounds();
    readiness.add('store', () => store.ping().then(() => undefined));
    await Promise.all(
      this.groups.map(async (group) => {
        const table = tables.find(({ name }) => name === group.name)!;
        const others = tables.filter((one) => one !== table);
        await group.start(table, others, inboundOf(table));
        readiness.add(table.reaction ?? 'consumer', () => group.problem());
      }),
    );
    this.notices = store.onHeld(() => this.groups.forEach((group) => group.lookAgain()));
  }

  async stop(): Promise<void> {
    await Promise.all([this.notices?.close(), ...this.groups.map((group) => group.stop())]);
    // What it decides by itself goes through its own group, also where that does not run.
    await this.queue.drained();
  }

  private async inbounds(): Promise<(table: ConsumerTable) => Inbound> {
    const { service, store, vault, registryUrl, folds } = this.options;
    const ids = await store.schemaIds();
    const schemaIds = new Map([...ids].map(([type, { schemaId }]) => [type, schemaId]));
    const registry = new Registry({ url: registryUrl, clientId: service });
    const writerSchema = async (schemaId: number) => (await registry.schemaOf(schemaId)).schema;
    const shared = { service, schemaIds, vault, writerSchema, upcasters: folds.upcasters, spans: this.spans };
    return ({ handlers }) => new Inbound({ ...shared, handlers });
  }
}

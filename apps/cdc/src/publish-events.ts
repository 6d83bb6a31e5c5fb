import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { checkpointKey } from '@towpath/event-store/checkpoint';
import { openFencedProducer } from '@towpath/kafka/producer';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { CONFIG } from '@towpath/service-kit/platform';
import { Readiness } from '@towpath/service-kit/readiness';
import { Tracing } from '@towpath/service-kit/tracing/tracing';
import type { RelayConfig } from './config.js';
import { GroupLag } from './group-lag.js';
import { Relay } from './relay.js';
import { RelayMetrics } from './relay-metrics.js';
import { RelaySpans } from './relay-spans.js';
import { KafkaRelayTopics } from './relay-topics.js';

/** Runs the relay for the life of the process. The process stays up without Kafka or Postgres and says so on /readyz. */
@Injectable()
export class PublishEvents implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly relay: Relay;
  private readonly topics: KafkaRelayTopics;
  private readonly lag: GroupLag;

  constructor(
    @Inject(CONFIG) config: RelayConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Tracing) { tracer }: Tracing,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {
    const brokers = config.KAFKA_BROKERS.split(',');
    this.topics = new KafkaRelayTopics({ brokers, clientId: 'cdc', logger });
    this.lag = new GroupLag({ brokers, clientId: 'cdc', logger }, metrics);
    this.relay = new Relay({
      databaseUrl: config.DATABASE_URL,
      slot: config.RELAY_SLOT,
      publication: config.RELAY_PUBLICATION,
      holder: `${hostname()}/${process.pid}/${randomUUID()}`,
      bufferBytesMax: config.RELAY_BUFFER_MB_MAX * 1024 * 1024,
      // All relays of a slot share the id: the one that took the lease last is the one that can write.
      openProducer: (permitted) =>
        openFencedProducer(
          { brokers, clientId: 'cdc', logger },
          { id: `towpath-relay-${config.RELAY_SLOT}`, permitted },
        ),
      topics: this.topics,
      spans: tracer && new RelaySpans(tracer),
      checkpoints: { key: checkpointKey(config.CHECKPOINT_KEY), intervalMs: config.CHECKPOINT_SECONDS * 1_000 },
      metrics: new RelayMetrics(metrics, () => this.relay.state()),
      logger,
    });
  }

  onApplicationBootstrap(): void {
    this.readiness.add('relay', () => this.relay.notReady());
    this.relay.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.topics.close();
    await this.lag.close();
  }
}

import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { openFencedProducer } from '@towpath/kafka/producer';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { CONFIG } from '@towpath/service-kit/platform';
import { Readiness } from '@towpath/service-kit/readiness';
import type { RelayConfig } from './config.js';
import { Relay } from './relay.js';
import { RelayMetrics } from './relay-metrics.js';

/** Runs the relay for the life of the process. The process stays up without Kafka or Postgres and says so on /readyz. */
@Injectable()
export class PublishEvents implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly relay: Relay;

  constructor(
    @Inject(CONFIG) config: RelayConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(Metrics) metrics: Metrics,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {
    const brokers = config.KAFKA_BROKERS.split(',');
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
      metrics: new RelayMetrics(metrics.meter, () => this.relay.state()),
      logger,
    });
  }

  onApplicationBootstrap(): void {
    this.readiness.add('relay', () => this.relay.notReady());
    this.relay.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
  }
}

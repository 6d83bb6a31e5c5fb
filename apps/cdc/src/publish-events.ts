import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { CONFIG } from '@towpath/service-kit/platform';
import { Readiness } from '@towpath/service-kit/readiness';
import type { RelayConfig } from './config.js';
import { Relay } from './relay.js';
import { RelayMetrics } from './relay-metrics.js';

const connectWaitMs = 1_000;

/** Runs the relay for the life of the process. The process stays up without Kafka or Postgres and says so on /readyz. */
@Injectable()
export class PublishEvents implements OnApplicationBootstrap, OnApplicationShutdown {
  private producer: Producer | undefined;
  private relay: Relay | undefined;
  private readonly stopping = new AbortController();
  private starting: Promise<void> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: RelayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.add('relay', () => (this.relay ? this.relay.notReady() : 'no broker could be reached yet'));
    this.starting = this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.starting;
    await this.relay?.stop();
    await this.producer?.close();
  }

  private async start(): Promise<void> {
    const { config, logger } = this;
    this.producer = await this.connect();
    if (!this.producer) return;
    const metrics = new RelayMetrics(
      this.metrics.meter,
      () => this.relay?.state() ?? { lagBytes: 0, bufferedBytes: 0, parkedStreams: 0, streaming: false },
    );
    this.relay = new Relay({
      databaseUrl: config.DATABASE_URL,
      slot: config.RELAY_SLOT,
      publication: config.RELAY_PUBLICATION,
      holder: `${hostname()}/${process.pid}/${randomUUID()}`,
      bufferBytesMax: config.RELAY_BUFFER_MB_MAX * 1024 * 1024,
      producer: this.producer,
      metrics,
      logger,
    });
    this.relay.start();
  }

  /** Keeps trying; undefined when the process stops first. */
  private async connect(): Promise<Producer | undefined> {
    const { signal } = this.stopping;
    const brokers = this.config.KAFKA_BROKERS.split(',');
    while (!signal.aborted) {
      try {
        return await createProducer({ brokers, clientId: 'cdc', logger: this.logger });
      } catch (error) {
        this.logger.warn({ reason: (error as Error).message }, 'relay.no_broker');
        await sleep(connectWaitMs, undefined, { signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}

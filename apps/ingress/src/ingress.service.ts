import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { createProducer } from '@towpath/kafka/producer';
import { Registry } from '@towpath/kafka/registry';
import type { Logger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { InjectConfig, InjectLogger } from '@towpath/service-kit/platform';
import { Readiness } from '@towpath/service-kit/readiness';
import { Tracing } from '@towpath/service-kit/tracing/tracing';
import type { SourceFiles } from '@towpath/sources/files';
import { loadSources } from '@towpath/sources/load';
import { watchSources } from '@towpath/sources/watch';
import type { FastifyInstance } from 'fastify';
import type { IngressConfig } from './config.js';
import { DeliverySpans } from './delivery-spans.js';
import { KafkaPublisher, type Connection } from './kafka-publisher.js';
import { LagProbe } from './lag-probe.js';
import { PUBLISHED } from './message.js';
import { DeliveryReceiver } from './receive-delivery.js';
import { RefusedDeliveries } from './refused-deliveries.js';
import { schemaIdsOf } from './schema-ids.js';
import { SourceBook } from './source-book.js';
import { TriageProgress } from './triage-progress.js';
import { addWebhookRoutes } from './webhook-routes.js';

const CLIENT_ID = 'ingress';
/** Half of the 3 s in which every delivery is answered: one group in flight, and the one behind it. */
const SEND_DEADLINE_MS = 1_500;
/** How long the start waits for Kafka, so that a first delivery isn't refused needlessly. */
const CONNECT_WAIT_MS = 3_000;
const FAILURE_LINE_MS = 1_000;

/** Puts the parts together and runs them for as long as the service runs. */
@Injectable()
export class IngressService implements OnModuleInit, OnApplicationShutdown {
  private readonly sources = new SourceBook();
  private readonly progress: TriageProgress;
  private readonly lag: LagProbe;
  private readonly publisher: KafkaPublisher;
  private readonly spans: DeliverySpans | undefined;
  private readonly accepted;
  private readonly refused;
  private watcher: { close(): void } | undefined;
  private failureSaidMs = 0;

  constructor(
    @InjectConfig() private readonly config: IngressConfig,
    @InjectLogger() private readonly logger: Logger,
    private readonly readiness: Readiness,
    metrics: Metrics,
    tracing: Tracing,
    private readonly http: HttpAdapterHost,
  ) {
    this.accepted = metrics.counter('towpath_deliveries_accepted_total');
    this.refused = metrics.counter('towpath_deliveries_refused_total');
    metrics.gauge('towpath_ingress_pending_records', () => this.publisher.pending);
    const onFailure = (error: Error): void => this.sayFailure(error);
    this.spans = tracing.tracer && new DeliverySpans(tracing.tracer);
    this.progress = new TriageProgress({ brokers: this.brokers(), clientId: CLIENT_ID, logger });
    this.lag = new LagProbe({ readProgress: () => this.progress.read(), onFailure });
    this.publisher = new KafkaPublisher({
      connect: () => this.connect(),
      lag: this.lag,
      pendingMax: config.PENDING_MAX,
      lagSecondsMax: config.LAG_SECONDS_MAX,
      ...(this.spans && { spans: this.spans }),
      onFailure,
      onPublished: ({ deliveryId, source }, story) => {
        const ids = { event_id: deliveryId, event_type: 'webhooks.v1.WebhookReceived', correlation_id: story };
        logger.info({ ...ids, source }, 'event.received');
        this.accepted.add(1, { source });
      },
    });
  }

  async onModuleInit(): Promise<void> {
    this.openSources();
    this.readiness.add('kafka', () => this.publisher.problem);
    const receiver = new DeliveryReceiver(this.sources, this.publisher, { storyKey: this.config.STORY_KEY });
    const refused = new RefusedDeliveries(this.publisher, this.logger, (arrival) => receiver.addressOf(arrival));
    await addWebhookRoutes(this.http.httpAdapter.getInstance<FastifyInstance>(), {
      receiver,
      onRefused: (arrival, refusal, bodyBytes) => {
        this.refused.add(1, { code: refusal.code });
        refused.record(arrival, refusal, bodyBytes);
      },
      onError: (err) => this.logger.error({ err }, 'delivery.failed'),
      ...(this.spans && { spans: this.spans }),
    });
    // Without a broker it listens all the same, and answers 503.
    await Promise.race([this.publisher.open(), setTimeout(CONNECT_WAIT_MS, undefined, { ref: false })]);
  }

  /** The HTTP server is closed by now: nobody waits for an answer any more. */
  async onApplicationShutdown(): Promise<void> {
    this.watcher?.close();
    this.lag.close();
    await this.progress.close();
    await this.publisher.close();
  }

  /** A file that is broken at the start ends it, with what to correct; later the last good sources stay in force. */
  private openSources(): void {
    const { SOURCES_FILE: sourcesFile, SECRETS_DIR: secretsDir, TOKENS_FILE: tokensFile } = this.config;
    const files: SourceFiles = { sourcesFile, secretsDir, ...(tokensFile !== undefined && { tokensFile }) };
    this.watcher = watchSources(files, {
      changed: (sources) => {
        this.sources.replace(sources);
        this.logger.info({ sources: this.sources.names() }, 'sources.loaded');
      },
      failed: (err) => this.logger.error({ err }, 'sources.broken'),
    });
    // After the watch began, so that no change falls between the two.
    this.sources.replace(loadSources(files));
    this.logger.info({ sources: this.sources.names() }, 'sources.loaded');
  }

  private async connect(): Promise<Connection> {
    const registry = new Registry({ url: this.config.REGISTRY_URL, clientId: CLIENT_ID });
    const cacheFile = join(this.config.TOWPATH_HOME, 'ingress-schema-ids.json');
    const schemaIds = await schemaIdsOf(PUBLISHED, cacheFile, async (contract) => {
      const [registered] = await registry.register([contract], []);
      if (!registered) throw new Error(`SCHEMA_UNKNOWN: the registry has no ${contract.type}; run \`towpath setup\`.`);
      return registered.schemaId;
    });
    const producer = await createProducer({
      brokers: this.brokers(),
      clientId: CLIENT_ID,
      logger: this.logger,
      pendingRecordsMax: 2 * this.config.PENDING_MAX,
      sendDeadlineMs: SEND_DEADLINE_MS,
    });
    return { producer, schemaIds };
  }

  private brokers(): string[] {
    return this.config.KAFKA_BROKERS.split(',');
  }

  /** During an outage every delivery fails the same way: one line a second tells it. */
  private sayFailure(err: Error): void {
    const nowMs = Date.now();
    if (nowMs - this.failureSaidMs < FAILURE_LINE_MS) return;
    this.failureSaidMs = nowMs;
    this.logger.error({ err }, 'kafka.failed');
  }
}

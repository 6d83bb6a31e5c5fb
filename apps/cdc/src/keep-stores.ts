import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { openArchivist, type Archivist, type Store } from '@towpath/event-store/archive/archivist';
import { runRetention, type StoreRetention } from '@towpath/event-store/archive/retention-run';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { CONFIG } from '@towpath/service-kit/platform';
import type { RelayConfig } from './config.js';
import { RetentionMetrics } from './retention-metrics.js';

/** After a start: readiness and catch-up come first. */
const firstMs = 30_000;
/** After a run that failed or was not finished. */
const againMs = 60_000;
/** Of one store in one run, so that none waits long for the others. */
const eventsMax = 100_000;

/**
 * Keeps the stores for the life of the process: what contracts keep for a time is archived after it, inboxes get and lose their
 * partitions. Each relay does it, standbys too; on one store only one is at work at a time.
 */
@Injectable()
export class KeepStores implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly archivist: Archivist | undefined;
  private readonly metrics: RetentionMetrics;
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: RelayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Metrics) metrics: Metrics,
  ) {
    const url = config.ARCHIVIST_DATABASE_URL;
    this.archivist = url === undefined ? undefined : openArchivist({ url });
    this.metrics = new RetentionMetrics(metrics);
  }

  onApplicationBootstrap(): void {
    if (this.archivist) return this.runIn(firstMs);
    this.logger.warn('retention.off: ARCHIVIST_DATABASE_URL is not set, so this process archives and drops nothing');
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
    await this.archivist?.close();
  }

  private runIn(ms: number): void {
    this.timer = setTimeout(() => void (this.running = this.run(this.archivist!)), ms).unref();
  }

  private async run(archivist: Archivist): Promise<void> {
    const everyMs = this.config.RETENTION_EVERY_MINUTES * 60_000;
    let nextMs = everyMs;
    try {
      const options = { folder: this.config.ARCHIVE_DIR, eventsMax, signal: this.stopping.signal };
      const done = await runRetention(archivist, options);
      for (const store of done) this.tell(store);
      if (done.some(({ more }) => more)) nextMs = againMs;
    } catch (error) {
      nextMs = Math.min(againMs, everyMs);
      this.metrics.failed();
      this.logger.error({ err: error, alert: true }, 'retention.failed: nothing is lost, the next run goes on');
    }
    await this.look(archivist);
    if (!this.stopping.signal.aborted) this.runIn(nextMs);
  }

  private tell(store: StoreRetention): void {
    const { service, archived, files, bytes, partitionsDropped, unsound } = store;
    this.metrics.kept(store);
    if (archived > 0 || partitionsDropped > 0)
      this.logger.info({ service, archived, files, bytes, partitions_dropped: partitionsDropped }, 'retention.kept');
    if (unsound.length === 0) return;
    this.logger.error(
      { service, code: 'CONTENT_CHANGED', events: unsound.length, event_ids: unsound.slice(0, 20), alert: true },
      'retention.content_changed: these events are not what was appended and stay where they are; run `towpath verify`',
    );
  }

  private async look(archivist: Archivist): Promise<void> {
    try {
      for (const store of await archivist.stores()) await this.lookAt(archivist, store);
    } catch (error) {
      this.logger.warn({ reason: (error as Error).message }, 'retention.unseen');
    }
  }

  private async lookAt(archivist: Archivist, { schema, service }: Store): Promise<void> {
    const [oldest] = await archivist.archivable(schema, { rows: 1, bytes: 1 });
    this.metrics.seen(service, oldest?.dueAt, await archivist.partitionsMissing(schema));
  }
}

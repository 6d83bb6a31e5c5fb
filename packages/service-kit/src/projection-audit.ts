import type { Projection } from '@towpath/event-store/projection';
import { rebuildProjection } from '@towpath/event-store/rebuild/rebuild-projection';
import { noUpcasters, type Upcasters } from '@towpath/event-store/upcast';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';

export interface ProjectionAuditOptions {
  /** the service role's */
  readonly url: string;
  readonly schema: string;
  readonly projections: readonly Projection<unknown>[];
  readonly upcasters?: Upcasters;
  /** between two audits; 0 = none is made */
  readonly everyMs: number;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** from [0, 1) */
  random?(): number;
}

/** So long a service works before the first: a start has enough to do, and replicas that start together must not all do it. */
const FIRST_MS_MIN = 600_000;
const FIRST_MS_SPREAD = 3_000_000;
/** After one that found something: the alert ends soon after it is mended. */
const AGAIN_MS = 900_000;

/**
 * Holds a service's projections to their guarantee: once a day each is compared with a replay of its events, beside the live rows,
 * which stay as they are. While one replica, or a person, compares or rebuilds a projection, others leave it alone.
 */
export class ProjectionAudit {
  private readonly different = new Map<string, number>();
  private readonly stopping = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<unknown> | undefined;

  constructor(private readonly options: ProjectionAuditOptions) {
    options.metrics.gauges(['towpath_projection_rows_different'], (observe) => {
      for (const { name } of options.projections)
        observe('towpath_projection_rows_different', this.different.get(name) ?? 0, { projection: name });
    });
  }

  start(): void {
    const { everyMs, random = Math.random } = this.options;
    if (everyMs > 0) this.schedule(Math.min(everyMs, FIRST_MS_MIN + random() * FIRST_MS_SPREAD));
  }

  /** Compares every projection now; resolves with how many rows differ in all. */
  async audit(): Promise<number> {
    for (const projection of this.options.projections) {
      if (this.stopping.signal.aborted) break;
      await this.compare(projection);
    }
    return [...this.different.values()].reduce((sum, rows) => sum + rows, 0);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.stopping.abort();
    await this.running;
  }

  private schedule(inMs: number): void {
    this.timer = setTimeout(() => {
      this.running = this.audit().then((rows) => {
        const { everyMs } = this.options;
        if (!this.stopping.signal.aborted) this.schedule(rows > 0 ? Math.min(AGAIN_MS, everyMs) : everyMs);
      });
    }, inMs).unref();
  }

  private async compare(projection: Projection<unknown>): Promise<void> {
    const { url, schema, upcasters = noUpcasters, logger } = this.options;
    const about = { projection: projection.name };
    const { signal } = this.stopping;
    try {
      const { different: rows, leftOut } = await rebuildProjection({
        ...{ url, schema, projection, upcasters, signal },
        dryRun: true,
        report: () => undefined,
      });
      // With events in the archive that it may have had rows of, a difference proves nothing.
      const different = leftOut > 0 ? 0 : rows;
      this.different.set(projection.name, different);
      if (different > 0) logger.error({ ...about, rows: different, alert: true }, 'projection.diverged');
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'REBUILD_RUNNING' || signal.aborted) return;
      logger.warn({ ...about, err: error }, 'projection.unaudited');
    }
  }
}

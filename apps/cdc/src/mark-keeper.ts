import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '@towpath/service-kit/logger';
import { LeaseHeld, type Lease } from './lease.js';
import { storeMarks } from './published-marks.js';
import type { RelayTopics } from './relay-topics.js';

/** What came since the last mark is looked at after a restart of Postgres, so it is kept short. */
const intervalMs = 5_000;

export interface MarkKeeperOptions {
  readonly pool: pg.Pool;
  readonly lease: Lease;
  readonly slot: string;
  readonly topics: RelayTopics;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Stores how far the topics are, every five seconds while something is published. */
export class MarkKeeper {
  private readonly stopping = new AbortController();
  private due = false;

  constructor(private readonly options: MarkKeeperOptions) {}

  /** Something was published since. */
  published(): void {
    this.due = true;
  }

  /** `onLost` is told when the lease is another's. */
  start(onLost: (error: Error) => void): void {
    void this.run(onLost);
  }

  stop(): void {
    this.stopping.abort();
  }

  private async run(onLost: (error: Error) => void): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted || !this.due) continue;
      this.due = false;
      try {
        await this.store();
      } catch (error) {
        if (error instanceof LeaseHeld) return onLost(error);
        this.due = true;
        if (!signal.aborted) this.options.logger.warn({ reason: (error as Error).message }, 'relay.mark_not_stored');
      }
    }
  }

  private async store(): Promise<void> {
    const { pool, lease, slot, topics } = this.options;
    const extents = await topics.extents();
    if (!this.stopping.signal.aborted) await storeMarks(pool, lease, slot, extents);
  }
}

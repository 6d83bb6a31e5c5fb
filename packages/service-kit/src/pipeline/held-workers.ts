import { hostname } from 'node:os';
import type { HeldStore, Lane } from '@towpath/event-store/held-types';
import type { Notices } from '@towpath/event-store/notices';
import type { DecisionState } from '../handles.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { GroupQueue } from './group-queue.js';
import { RetryLoop } from './retry-loop.js';
import type { Item } from './item.js';
import { Revival, type RevivalOptions } from './revival.js';
import { WorkLoop } from './work-loop.js';

export interface HeldWorkersOptions extends RevivalOptions {
  readonly store: HeldStore;
  readonly queue: GroupQueue;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** what the reads of a message name, as it is now */
  stateFor(item: Item): Promise<DecisionState>;
}

/** What runs the messages that wait. */
export class HeldWorkers {
  private readonly retries: RetryLoop;
  private readonly work: WorkLoop;
  private notices: Notices | undefined;

  constructor(private readonly options: HeldWorkersOptions) {
    const { store, queue, logger } = options;
    // Of this replica, on the leases it holds.
    const owner = `${hostname()}/${process.pid}`;
    const revival = new Revival(options);
    this.retries = new RetryLoop(store, revival, queue, logger, owner);
    this.work = new WorkLoop({ ...options, revival, owner });
  }

  start(): void {
    this.measure();
    this.retries.start();
    this.work.start();
    this.notices = this.options.store.onHeld(() => {
      this.retries.expect(new Date());
      this.work.expect(new Date());
    });
  }

  /** These wait from now on. */
  expect(waiting: readonly { readonly lane: Lane; readonly delayMs: number }[]): void {
    for (const { lane, delayMs } of waiting) {
      const loop = lane === 'inline' ? this.retries : this.work;
      loop.expect(new Date(Date.now() + delayMs));
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.notices?.close(), this.retries.stop(), this.work.stop()]);
  }

  private measure(): void {
    const { metrics, store, logger } = this.options;
    metrics.gauges(['towpath_queued_running'], (observe) => {
      for (const [handler, works] of this.work.runningNow()) observe('towpath_queued_running', works, { handler });
    });
    metrics.gauges(['towpath_held_messages', 'towpath_held_oldest_seconds'], async (observe) => {
      try {
        const depths = new Map((await store.heldDepths()).map((depth) => [depth.lane, depth]));
        for (const lane of ['inline', 'queued'] as const) {
          observe('towpath_held_messages', depths.get(lane)?.messages ?? 0, { lane });
          observe('towpath_held_oldest_seconds', depths.get(lane)?.oldestSeconds ?? 0, { lane });
        }
      } catch (error) {
        logger.warn({ err: error }, 'held.unmeasured');
      }
    });
  }
}

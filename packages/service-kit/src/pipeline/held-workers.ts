import { hostname } from 'node:os';
import type { HeldStore, Lane } from '@towpath/event-store/held-types';
import type { DecisionState } from '../handles.js';
import type { Logger } from '../logger.js';
import type { GroupQueue } from './group-queue.js';
import { RetryLoop } from './retry-loop.js';
import type { Item } from './item.js';
import { Revival, type RevivalOptions } from './revival.js';
import { WorkLoop } from './work-loop.js';

export interface HeldWorkersOptions extends RevivalOptions {
  readonly store: HeldStore;
  readonly queue: GroupQueue;
  /** whose messages */
  readonly consumer: string;
  /** the service's other consumers, whose messages are theirs */
  readonly others: readonly string[];
  readonly logger: Logger;
  /** what the reads of a message name, as it is now */
  stateFor(item: Item): Promise<DecisionState>;
}

/** What runs the messages of a consumer that wait. */
export class HeldWorkers {
  private readonly retries: RetryLoop;
  private readonly work: WorkLoop;

  constructor(options: HeldWorkersOptions) {
    const { consumer, store, queue, logger } = options;
    // Of this replica, on the leases it holds.
    const owner = `${hostname()}/${process.pid}`;
    const revival = new Revival(options);
    this.retries = new RetryLoop({ store, revival, queue, logger, consumer, owner });
    this.work = new WorkLoop({ ...options, revival, owner });
  }

  start(): void {
    this.retries.start();
    this.work.start();
  }

  /** Something may have changed among them. */
  lookAgain(): void {
    this.retries.expect(new Date());
    this.work.expect(new Date());
  }

  /** How many works run now, by the name of their handler. */
  runningNow(): ReadonlyMap<string, number> {
    return this.work.runningNow();
  }

  /** These wait from now on. */
  expect(waiting: readonly { readonly lane: Lane; readonly delayMs: number }[]): void {
    for (const { lane, delayMs } of waiting) {
      const loop = lane === 'inline' ? this.retries : this.work;
      loop.expect(new Date(Date.now() + delayMs));
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.retries.stop(), this.work.stop()]);
  }
}

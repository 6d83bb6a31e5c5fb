import type { HeldStore } from '@towpath/event-store/held-types';
import type { Logger } from '../logger.js';
import { DueLoop } from './due-loop.js';
import type { GroupQueue } from './group-queue.js';
import { giveBack } from './held-lease.js';
import type { Revival } from './revival.js';

const CLAIM_MAX = 64;
/** Longer than a group takes, shorter than anybody should wait for a killed replica's messages. */
const LEASE_MS = 4_000;

export interface RetryLoopOptions {
  readonly store: HeldStore;
  readonly revival: Revival;
  readonly queue: GroupQueue;
  readonly logger: Logger;
  readonly consumer: string;
  readonly owner: string;
}

/**
 * Runs inline messages of a consumer that waited through the pipeline again when they are due: of each key the oldest, then those behind it.
 */
export class RetryLoop extends DueLoop {
  constructor(private readonly options: RetryLoopOptions) {
    super();
  }

  protected async fire(): Promise<number | undefined> {
    const { store, revival, queue, consumer, owner } = this.options;
    const claimed = await store.claimRetries({ consumer, limit: CLAIM_MAX, leaseMs: LEASE_MS, owner });
    if (claimed.length === 0) return store.nextRetryMs(consumer);
    try {
      await queue.process(await revival.items(claimed));
    } catch (error) {
      await giveBack(store, claimed, error);
      throw error;
    }
    // The next of their keys may be due.
    return 0;
  }

  /** The leases were given back or run out, and the messages are claimed again, here or by another replica. */
  protected failed(error: unknown): void {
    this.options.logger.warn({ err: error }, 'retries.failed');
  }
}

import type { HeldStore } from '@towpath/event-store/held-types';
import type { Logger } from '../logger.js';
import { DueLoop } from './due-loop.js';
import type { GroupQueue } from './group-queue.js';
import { giveBack } from './held-lease.js';
import type { Revival } from './revival.js';

const CLAIM_MAX = 64;
/** Longer than a group takes, shorter than anybody should wait for a killed replica's messages. */
const LEASE_MS = 4_000;

/**
 * Runs inline messages that waited through the pipeline again when they are due: of each key the oldest, then those behind it.
 */
export class RetryLoop extends DueLoop {
  constructor(
    private readonly store: HeldStore,
    private readonly revival: Revival,
    private readonly queue: GroupQueue,
    private readonly logger: Logger,
    private readonly owner: string,
  ) {
    super();
  }

  protected async fire(): Promise<number | undefined> {
    const claimed = await this.store.claimRetries({ limit: CLAIM_MAX, leaseMs: LEASE_MS, owner: this.owner });
    if (claimed.length === 0) return this.store.nextRetryMs();
    try {
      await this.queue.process(await this.revival.items(claimed));
    } catch (error) {
      await giveBack(this.store, claimed, error);
      throw error;
    }
    // The next of their keys may be due.
    return 0;
  }

  /** The leases were given back or run out, and the messages are claimed again, here or by another replica. */
  protected failed(error: unknown): void {
    this.logger.warn({ err: error }, 'retries.failed');
  }
}

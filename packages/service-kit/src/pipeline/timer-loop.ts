import type { EventStore } from '@towpath/event-store/types';
import type { Logger } from '../logger.js';
import { DueLoop } from './due-loop.js';
import type { GroupQueue } from './group-queue.js';
import type { Inbound } from './inbound.js';

const CLAIM_MAX = 200;
const LEASE_MS = 10_000;

/** Fires due timers through the pipeline. */
export class TimerLoop extends DueLoop {
  constructor(
    private readonly store: Pick<EventStore, 'claimTimers' | 'nextTimerDueMs'>,
    private readonly inbound: Inbound,
    private readonly queue: GroupQueue,
    private readonly logger: Logger,
  ) {
    super();
  }

  protected async fire(): Promise<number | undefined> {
    const due = await this.store.claimTimers({ limit: CLAIM_MAX, leaseMs: LEASE_MS });
    if (due.length > 0) await this.queue.process(await this.inbound.itemsOfTimers(due));
    return due.length === CLAIM_MAX ? 0 : this.store.nextTimerDueMs();
  }

  /** The lease runs out and the timer is claimed again, here or by another replica. */
  protected failed(error: unknown): void {
    this.logger.warn({ err: error }, 'timers.failed');
  }
}

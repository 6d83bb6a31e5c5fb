import type { EventStore } from '@towpath/event-store/types';
import type { Logger } from '../logger.js';
import { DueLoop } from './due-loop.js';
import type { GroupQueue } from './group-queue.js';
import type { Inbound } from './inbound.js';

const CLAIM_MAX = 200;
const LEASE_MS = 10_000;

export interface TimerLoopOptions {
  readonly store: Pick<EventStore, 'claimTimers' | 'nextTimerDueMs'>;
  readonly inbound: Inbound;
  readonly queue: GroupQueue;
  /** of the timers that come to this queue */
  readonly types: readonly string[];
  readonly logger: Logger;
}

/** Fires due timers through the pipeline. */
export class TimerLoop extends DueLoop {
  constructor(private readonly options: TimerLoopOptions) {
    super();
  }

  protected async fire(): Promise<number | undefined> {
    const { store, inbound, queue, types } = this.options;
    if (types.length === 0) return undefined;
    const due = await store.claimTimers({ types, limit: CLAIM_MAX, leaseMs: LEASE_MS });
    if (due.length > 0) await queue.process(await inbound.itemsOfTimers(due));
    return due.length === CLAIM_MAX ? 0 : store.nextTimerDueMs(types);
  }

  /** The lease runs out and the timer is claimed again, here or by another replica. */
  protected failed(error: unknown): void {
    this.options.logger.warn({ err: error }, 'timers.failed');
  }
}

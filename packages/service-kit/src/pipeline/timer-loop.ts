import type { EventStore } from '@towpath/event-store/types';
import type { Logger } from '../logger.js';
import type { GroupQueue } from './group-queue.js';
import type { Inbound } from './inbound.js';

/** Timers of other replicas are noticed at the latest after this time. */
const POLL_MS_MAX = 1_000;
const CLAIM_MAX = 200;
const LEASE_MS = 10_000;

/** Fires due timers through the pipeline. It sleeps until the next one it knows of, and looks for others once a second. */
export class TimerLoop {
  private timer: NodeJS.Timeout | undefined;
  private wakeAt = Infinity;
  private stopped = false;
  private firing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Pick<EventStore, 'claimTimers' | 'nextTimerDueMs'>,
    private readonly inbound: Inbound,
    private readonly queue: GroupQueue,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.sleepUntil(Date.now());
  }

  /** A timer was written that is due at this time. */
  expect(dueAt: Date): void {
    if (dueAt.getTime() < this.wakeAt) this.sleepUntil(dueAt.getTime());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.firing;
  }

  private sleepUntil(at: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.wakeAt = at;
    this.timer = setTimeout(
      () => {
        this.wakeAt = Infinity;
        this.firing = this.fire();
      },
      Math.max(0, at - Date.now()),
    );
  }

  private async fire(): Promise<void> {
    let next = POLL_MS_MAX;
    try {
      const due = await this.store.claimTimers({ limit: CLAIM_MAX, leaseMs: LEASE_MS });
      if (due.length > 0) await this.queue.process(due.flatMap((timer) => this.inbound.itemOfTimer(timer) ?? []));
      next = due.length === CLAIM_MAX ? 0 : Math.min((await this.store.nextTimerDueMs()) ?? POLL_MS_MAX, POLL_MS_MAX);
    } catch (error) {
      // The lease runs out and the timer is claimed again, here or by another replica.
      this.logger.warn({ err: error }, 'timers.failed');
    }
    this.expect(new Date(Date.now() + Math.max(next, 1)));
  }
}

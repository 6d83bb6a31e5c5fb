import { performance } from 'node:perf_hooks';
import { OutboundError } from './outbound-error.js';

/** How often a provider may be called. */
export interface RateLimit {
  readonly perSecond: number;
  /** calls that may go at once after a quiet time */
  readonly burst: number;
  /** calls that may wait for their turn; one more is refused with `RATE_LIMITED` */
  readonly queueMax: number;
}

interface Waiter {
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (error: OutboundError) => void;
}

/** A token bucket whose callers wait in order in a bounded queue. It sets a timer only while somebody waits. */
export class TokenBucket {
  private tokens: number;
  private refilledAt: number;
  private readonly waiting: Waiter[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limit: RateLimit,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.tokens = limit.burst;
    this.refilledAt = nowMs();
  }

  /** Resolves when the call may go; rejects with `RATE_LIMITED` (not sent) when the queue is full or `signal` aborts. */
  take(signal: AbortSignal): Promise<void> {
    this.refill();
    if (this.waiting.length === 0 && this.tokens >= 1) {
      this.tokens -= 1;
      return Promise.resolve();
    }
    if (this.waiting.length >= this.limit.queueMax)
      return Promise.reject(limited(`${this.waiting.length} calls wait already`));
    return new Promise((resolve, reject) => this.enqueue({ signal, resolve, reject }));
  }

  private enqueue(waiter: Waiter): void {
    const onAbort = () => {
      const index = this.waiting.indexOf(entry);
      if (index >= 0) this.waiting.splice(index, 1);
      waiter.reject(limited('its turn did not come in time'));
    };
    const entry: Waiter = {
      ...waiter,
      resolve: () => {
        waiter.signal.removeEventListener('abort', onAbort);
        waiter.resolve();
      },
    };
    waiter.signal.addEventListener('abort', onAbort, { once: true });
    this.waiting.push(entry);
    this.schedule();
  }

  private schedule(): void {
    if (this.timer !== undefined || this.waiting.length === 0) return;
    const waitMs = Math.max(1, ((1 - this.tokens) / this.limit.perSecond) * 1000);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.release();
    }, waitMs);
  }

  private release(): void {
    this.refill();
    while (this.tokens >= 1 && this.waiting.length > 0) {
      this.tokens -= 1;
      this.waiting.shift()?.resolve();
    }
    this.schedule();
  }

  private refill(): void {
    const now = this.nowMs();
    const earned = ((now - this.refilledAt) / 1000) * this.limit.perSecond;
    this.tokens = Math.min(this.limit.burst, this.tokens + earned);
    this.refilledAt = now;
  }
}

function limited(why: string): OutboundError {
  return new OutboundError('RATE_LIMITED', 'not-sent', `more calls than this provider's limit allows: ${why}`);
}

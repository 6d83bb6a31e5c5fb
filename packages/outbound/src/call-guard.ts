import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { LET_GO } from './exchange.js';
import { OutboundError } from './outbound-error.js';
import { TokenBucket, type RateLimit } from './token-bucket.js';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What bounds the calls to one third party, whatever protocol it speaks. */
export interface GuardPolicy {
  /** the third party's name, for messages */
  readonly provider: string;
  readonly rateLimit: RateLimit;
  /** after so many failures in a row nothing is sent for `openMs`; then one call tries whether it works again */
  readonly breaker: { readonly failures: number; readonly openMs: number };
  /** told when the breaker opens or closes, and why; must not throw */
  onBreaker?(state: 'open' | 'closed', cause: string): void;
}

/** What a call came to; `trouble` says what the third party failed at and counts for the breaker. */
export type Guarded<T> =
  { readonly value: T; readonly trouble?: string } | { readonly error: unknown; readonly trouble?: string };

/** Breaker and rate limit of the calls to one third party. Nothing is ever sent twice. */
export class CallGuard {
  private readonly bucket: TokenBucket;
  private breaker: CircuitBreakerPolicy;
  private lastTrouble = '';

  constructor(private readonly policy: GuardPolicy) {
    this.bucket = new TokenBucket(policy.rateLimit);
    this.breaker = this.newBreaker();
  }

  /** `closed` lets calls through, `open` refuses them, `half-open` lets one try. */
  get state(): BreakerState {
    if (this.breaker.state === CircuitState.Closed) return 'closed';
    return this.breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** Forgets the failures that were seen: calls go through again at once. */
  reset(): void {
    const before = this.state;
    this.breaker = this.newBreaker();
    if (before !== 'closed') this.policy.onBreaker?.('closed', 'reset');
  }

  /**
   * Runs one call when breaker and rate limit let it. Throws OutboundError (not sent) when they don't, or when `signal`
   * aborts before its turn; else gives or throws what the call came to.
   */
  async run<T>(signal: AbortSignal, call: () => Promise<Guarded<T>>): Promise<T> {
    const { breaker } = this;
    let begun = false;
    const begin = () => {
      begun = true;
      return call();
    };
    try {
      return await orTimeout(
        signal,
        breaker.execute(() => this.attempt(breaker, signal, begin)),
        () => begun,
      );
    } catch (error) {
      if (error instanceof Trouble) return (error as Trouble<T>).unwrap();
      if (error instanceof BrokenCircuitError) throw this.breakerOpen();
      throw error;
    }
  }

  private async attempt<T>(
    breaker: CircuitBreakerPolicy,
    signal: AbortSignal,
    call: () => Promise<Guarded<T>>,
  ): Promise<T> {
    await this.bucket.take(signal);
    if (signal.aborted) throw timedOutWaiting(signal);
    // It may have opened while this call waited for its turn.
    if (breaker.state === CircuitState.Open) throw this.breakerOpen();
    const outcome = await call();
    if (outcome.trouble !== undefined) {
      this.lastTrouble = outcome.trouble;
      throw new Trouble(outcome);
    }
    return unwrapped(outcome);
  }

  private newBreaker(): CircuitBreakerPolicy {
    const { breaker, provider } = this.policy;
    const made = circuitBreaker(
      handleWhen((error) => error instanceof Trouble),
      { breaker: new ConsecutiveBreaker(breaker.failures), halfOpenAfter: breaker.openMs },
    );
    made.onBreak(() => this.policy.onBreaker?.('open', `${breaker.failures} failures in a row: ${this.lastTrouble}`));
    made.onReset(() => this.policy.onBreaker?.('closed', `${provider} answered again`));
    return made;
  }

  private breakerOpen(): OutboundError {
    const { provider, breaker } = this.policy;
    return new OutboundError(
      'BREAKER_OPEN',
      'not-sent',
      `${provider} failed ${breaker.failures} times in a row; tried again within ${breaker.openMs} ms`,
    );
  }
}

/** What counts for the breaker: the third party's own failures, not our limits. */
class Trouble<T> extends Error {
  constructor(private readonly outcome: Guarded<T>) {
    super('provider trouble');
  }

  unwrap(): T {
    return unwrapped(this.outcome);
  }
}

function unwrapped<T>(outcome: Guarded<T>): T {
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/**
 * A half-open breaker lets calls wait for the one that tries; they must not wait longer than their own time-out. One that has begun
 * ends by itself and alone knows whether anything was sent.
 */
function orTimeout<T>(signal: AbortSignal, work: Promise<T>, isBegun: () => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      if (!isBegun()) reject(timedOutWaiting(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function timedOutWaiting({ reason }: AbortSignal): OutboundError {
  if (reason === LET_GO) return new OutboundError('ABORTED', 'not-sent', 'its caller let go of it');
  return new OutboundError('TIMEOUT', 'not-sent', 'its time ran out while it waited for its turn');
}

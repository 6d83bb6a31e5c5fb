import { RateLimiterMemory } from 'rate-limiter-flexible';

/** When to come back after a refusal: budgets are by the second. */
export const RETRY_AFTER_SECONDS = 1;

/** A source's budget of verified deliveries per second. */
export class RateLimit {
  private readonly limiter: RateLimiterMemory;
  private exhaustedUntil = 0;

  constructor(readonly perSecond: number) {
    this.limiter = new RateLimiterMemory({ points: perSecond, duration: 1 });
  }

  /** True while nothing can be taken: asked before a body is read, so that an excess costs next to nothing. */
  isExhausted(nowMs: number): boolean {
    return nowMs < this.exhaustedUntil;
  }

  /**
   * Takes one from the budget; false when it is used up. Only verified deliveries may take, or whoever knows the address
   * could lock the provider out.
   */
  async take(nowMs: number): Promise<boolean> {
    try {
      const { remainingPoints, msBeforeNext } = await this.limiter.consume('source');
      if (remainingPoints === 0) this.exhaustedUntil = nowMs + msBeforeNext;
      return true;
    } catch {
      return false;
    }
  }
}

/** Failed attempts per second and address at a source whose keys are costly to try. */
const FAILURES_PER_SECOND = 20;

/**
 * Bounds what forged deliveries cost where each of many public keys is tried: an address that fails too often is refused
 * unheard for the rest of the second. It forgets each address after a second.
 */
export class FailureLimit {
  private readonly limiter = new RateLimiterMemory({ points: FAILURES_PER_SECOND, duration: 1 });

  async isExhausted(address: string): Promise<boolean> {
    const state = await this.limiter.get(address);
    return state !== null && state.remainingPoints <= 0;
  }

  async fail(address: string): Promise<void> {
    await this.limiter.penalty(address);
  }
}

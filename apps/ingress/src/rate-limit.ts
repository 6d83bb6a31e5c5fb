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

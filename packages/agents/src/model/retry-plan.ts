/** How often and when an exchange is tried again. */
export interface RetryPlan {
  readonly attemptsMax: number;
  readonly backoffBaseMs: number;
  readonly backoffMsMax: number;
  /** a provider that asks for a longer wait is taken at its word and not asked again */
  readonly retryAfterMsMax: number;
}

/**
 * Milliseconds to wait before try number `attempt` + 1, or null: not again. `Retry-After` is a floor that jitter never goes
 * below. Without it: exponential backoff with full jitter.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 * @param attempt tries so far, from 1
 * @param leftMs time left for the whole exchange; a wait that would use it up is none
 * @param random from 0 to 1
 */
export function waitBeforeRetry(
  plan: RetryPlan,
  {
    attempt,
    retryAfterMs,
    leftMs,
    random,
  }: {
    readonly attempt: number;
    readonly retryAfterMs: number | null;
    readonly leftMs: number;
    readonly random: number;
  },
): number | null {
  if (attempt >= plan.attemptsMax) return null;
  const backoffMs = random * Math.min(plan.backoffMsMax, plan.backoffBaseMs * 2 ** (attempt - 1));
  if (retryAfterMs !== null && retryAfterMs > plan.retryAfterMsMax) return null;
  const waitMs = retryAfterMs === null ? backoffMs : retryAfterMs + random * plan.backoffBaseMs;
  return waitMs < leftMs ? waitMs : null;
}

/**
 * What a `retry-after-ms` or `Retry-After` header asks for, in milliseconds; null when there is none that can be read.
 * Source: RFC 9110, section 10.2.3 (seconds or an HTTP date).
 */
export function retryAfterMs(header: (name: string) => string | null | undefined, nowMs: number): number | null {
  const exact = Number(header('retry-after-ms') || Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const text = header('retry-after');
  if (!text) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1_000 : null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

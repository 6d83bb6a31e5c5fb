/** How often and when a message is tried again. */
export interface RetryPolicy {
  /** tries after the first; 0 to 20 */
  readonly retries: number;
  /** bound of the first pause, in milliseconds */
  readonly baseMs: number;
  /** by which the bound grows from pause to pause */
  readonly factor: number;
  /** bound of every pause, in milliseconds */
  readonly capMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { retries: 3, baseMs: 1_000, factor: 2, capMs: 60_000 };

/** What comes after a failure: another try, numbered from 1, after a pause; or the dead letter. */
export type Verdict =
  { readonly next: 'retry'; readonly retry: number; readonly delayMs: number } | { readonly next: 'dead-letter' };

/**
 * Exponential backoff with full jitter: a pause is anything from 0 to its bound, so that what failed together does not come
 * back together (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
 * @param failures of this message, with the one just now
 * @param random from [0, 1)
 */
export function afterFailure(failures: number, permanent: boolean, policy: RetryPolicy, random: number): Verdict {
  if (permanent || failures > policy.retries) return { next: 'dead-letter' };
  const boundMs = Math.min(policy.capMs, policy.baseMs * policy.factor ** (failures - 1));
  return { next: 'retry', retry: failures, delayMs: random * boundMs };
}

/** So many workers may end in the midst of a message before it is taken for the cause. */
export const WORKERS_LOST_MAX = 3;

/** Whether a message is given up because its workers keep ending before it does. @param lost since its last failure */
export function endsItsWorkers(lost: number): boolean {
  return lost >= WORKERS_LOST_MAX;
}

/** What is wrong with a policy, for people; empty when nothing is. */
export function problemsOfPolicy({ retries, baseMs, factor, capMs }: RetryPolicy): string[] {
  const problems: string[] = [];
  if (!Number.isInteger(retries) || retries < 0 || retries > 20) problems.push(`retries is ${retries}, not 0 to 20`);
  if (!(baseMs >= 0 && baseMs <= capMs)) problems.push(`baseMs is ${baseMs}, not 0 to capMs (${capMs})`);
  if (!(factor >= 1 && factor <= 10)) problems.push(`factor is ${factor}, not 1 to 10`);
  if (!(capMs <= 86_400_000)) problems.push(`capMs is ${capMs}, more than a day`);
  return problems;
}

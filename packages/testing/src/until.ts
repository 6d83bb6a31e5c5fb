import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks until the answer is what `isEnough` wants and gives that answer. After `deadlineMs` it gives the latest one, so that the
 * assertion that follows shows what was there instead of what was hoped for.
 */
export async function untilEnough<T>(
  ask: () => T | Promise<T>,
  isEnough: (answer: T) => boolean,
  deadlineMs: number,
  everyMs = 200,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (isEnough(answer) || performance.now() >= end) return answer;
    await delay(everyMs);
  }
}

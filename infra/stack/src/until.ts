import { setTimeout as delay } from 'node:timers/promises';

/** Polls `condition` every `everyMs` until it holds; answers false when `deadlineMs` milliseconds passed first. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
  everyMs = 50,
): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() >= end) return false;
    await delay(everyMs);
  }
  return true;
}

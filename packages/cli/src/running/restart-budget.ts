const DEATHS_MAX = 5;
const WINDOW_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const PAUSE_MS_MAX = 8_000;

/** How long to wait before a restart, and when to stop trying: the fifth death within a minute is the last. */
export class RestartBudget {
  private deaths: number[] = [];

  /**
   * Counts a death.
   * @param now milliseconds of a clock that only goes forward
   * @returns milliseconds to wait before the restart; undefined: give up
   */
  pauseAfterDeath(now: number): number | undefined {
    this.deaths = [...this.deaths.filter((at) => now - at < WINDOW_MS), now];
    if (this.deaths.length >= DEATHS_MAX) return undefined;
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.deaths.length - 1), PAUSE_MS_MAX);
  }
}

/** What no notice told of is found at the latest after this time. */
const LOOK_MS = 5_000;
/** After a failure, so long nothing is tried, whoever asks. */
const REST_MS = 1_000;

/** Does what is due: sleeps until the next time it knows of, and looks for what it wasn't told now and then. */
export abstract class DueLoop {
  private timer: NodeJS.Timeout | undefined;
  private wakeAt = Infinity;
  private restUntil = 0;
  private stopped = false;
  private firing: Promise<void> | undefined;

  /** Does what is due now. Resolves with the milliseconds until more may be; undefined when nothing is known of. */
  protected abstract fire(): Promise<number | undefined>;
  protected abstract failed(error: unknown): void;

  start(): void {
    this.sleepUntil(Date.now());
  }

  /** Something is due at this time. */
  expect(dueAt: Date): void {
    if (dueAt.getTime() < this.wakeAt) this.sleepUntil(dueAt.getTime());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.firing;
  }

  /** What it needs is away: to try on at once would only burn the time. */
  protected rest(): void {
    this.restUntil = Date.now() + REST_MS;
  }

  private sleepUntil(at: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.wakeAt = Math.max(at, this.restUntil);
    this.timer = setTimeout(() => this.wake(), Math.max(0, this.wakeAt - Date.now()));
  }

  /** One at a time: what becomes due meanwhile is looked for at once afterwards. */
  private wake(): void {
    if (this.firing) return;
    this.wakeAt = Infinity;
    this.firing = this.fireOnce().finally(() => {
      this.firing = undefined;
      if (this.wakeAt < Infinity) this.sleepUntil(this.wakeAt);
    });
  }

  private async fireOnce(): Promise<void> {
    let next: number | undefined;
    try {
      next = await this.fire();
    } catch (error) {
      this.failed(error);
      this.rest();
      next = REST_MS;
    }
    this.expect(new Date(Date.now() + Math.max(Math.min(next ?? LOOK_MS, LOOK_MS), 1)));
  }
}

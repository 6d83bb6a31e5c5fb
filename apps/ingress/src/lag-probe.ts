/** How far a consumer group is, per partition of one topic. Offsets are counts of records. */
export interface Progress {
  /** offset after the last record */
  readonly end: readonly number[];
  /** offset of the next record to handle */
  readonly committed: readonly number[];
}

export interface LagProbeOptions {
  /** rejects when Kafka can't tell; the last known age then stays, for at most `STALE_MS` */
  readProgress(): Promise<Progress>;
  onFailure(error: Error): void;
}

const INTERVAL_MS = 1_000;
/** Asking goes on this long after the last delivery, then costs nothing. */
const IDLE_MS = 5_000;
const STALE_MS = 10_000;
/** Ends of the topic are remembered this long; above it the age is at least this. */
const MEMORY_MS = 300_000;

/**
 * How old the oldest record is that the group hasn't handled. Kafka tells offsets, not ages, so the ends seen each second
 * are remembered: a group at offset n is as old as the last second in which the topic ended at or before n.
 */
export class LagProbe {
  private readonly seen: { readonly atMs: number; readonly end: readonly number[] }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private touchedMs = 0;
  private knownMs = 0;
  private known = 0;
  private isAsking = false;

  constructor(private readonly options: LagProbeOptions) {}

  /** Tells that there is traffic: from now on and for 5 s it asks each second. */
  touch(nowMs: number): void {
    this.touchedMs = nowMs;
    if (this.timer !== undefined) return;
    // Nobody looked while it was quiet, and nothing came: the topic ended now where it ended at the last look. Without
    // this the first new delivery would look as old as the silence; a backlog from before keeps its age.
    const last = this.seen.at(-1);
    if (last) this.seen.push({ atMs: nowMs, end: last.end });
    this.timer = setInterval(() => void this.ask(Date.now()), INTERVAL_MS);
    this.timer.unref();
    void this.ask(nowMs);
  }

  /** Age in seconds of the lag; 0 when there is none, or when Kafka hasn't told for 10 s. */
  ageSeconds(nowMs: number): number {
    return nowMs - this.knownMs > STALE_MS ? 0 : this.known;
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async ask(nowMs: number): Promise<void> {
    if (nowMs - this.touchedMs > IDLE_MS) return this.close();
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      this.learn(await this.options.readProgress(), nowMs);
    } catch (error) {
      this.options.onFailure(error as Error);
    } finally {
      this.isAsking = false;
    }
  }

  /** Takes what Kafka said at `nowMs`. */
  learn({ end, committed }: Progress, nowMs: number): void {
    this.seen.push({ atMs: nowMs, end });
    while (nowMs - (this.seen[0]?.atMs ?? nowMs) > MEMORY_MS) this.seen.shift();
    let oldestMs = nowMs;
    for (let partition = 0; partition < end.length; partition++) {
      oldestMs = Math.min(oldestMs, this.handledUpToMs(partition, committed[partition] ?? 0));
    }
    this.known = (nowMs - oldestMs) / 1000;
    this.knownMs = nowMs;
  }

  private handledUpToMs(partition: number, committed: number): number {
    for (let index = this.seen.length - 1; index >= 0; index--) {
      const seen = this.seen[index];
      if (seen && (seen.end[partition] ?? 0) <= committed) return seen.atMs;
    }
    return this.seen[0]?.atMs ?? 0;
  }
}

/** Stops and goes on with the fetching of a partition; what `pause` of kafkajs gives. */
export type Pause = () => () => void;

interface Line<T> {
  readonly items: T[];
  resume: (() => void) | undefined;
  ended: boolean;
}

/**
 * Merges partitions by the time of their records, each partition in its own order. At most `capacity` records and one batch of each
 * partition are held: one that runs ahead of the others is paused.
 */
export class TimeMerge<T extends { readonly partition: number; readonly timestamp: number }> {
  private readonly lines: ReadonlyMap<number, Line<T>>;
  private ended = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  /** @param partitions those that will give records or be finished; nothing comes out before each of them has done either */
  constructor(
    partitions: Iterable<number>,
    private readonly capacity: number,
  ) {
    this.lines = new Map(
      [...partitions].map((partition) => [partition, { items: [], resume: undefined, ended: false }]),
    );
  }

  get isEnded(): boolean {
    return this.ended;
  }

  /** False when nobody reads any more. */
  push(record: T): Promise<boolean> {
    if (!this.ended) this.lines.get(record.partition)?.items.push(record);
    this.wake?.();
    return Promise.resolve(!this.ended);
  }

  /** To be called after each batch. */
  batchDone(partition: number, pause: Pause): void {
    const line = this.lines.get(partition);
    if (line && !line.resume && line.items.length >= this.capacity) line.resume = pause();
  }

  /** Nothing more comes of the partition. */
  finish(partition: number): void {
    const line = this.lines.get(partition);
    if (line) line.ended = true;
    this.wake?.();
  }

  /** The reader gets what is there, then the end, or the failure. */
  end(failure?: Error): void {
    this.ended = true;
    this.failure ??= failure;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.earliest();
      if (next) {
        const item = next.items.shift()!;
        if (next.resume && next.items.length < this.capacity / 2) {
          next.resume();
          next.resume = undefined;
        }
        yield item;
      } else if (this.failure) throw this.failure;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** The line with the earliest head; undefined while one that goes on has none. After the end nobody is waited for. */
  private earliest(): Line<T> | undefined {
    let found: Line<T> | undefined;
    for (const line of this.lines.values()) {
      const head = line.items[0];
      if (!head) {
        if (line.ended || this.ended) continue;
        return undefined;
      }
      if (!found || head.timestamp < found.items[0]!.timestamp) found = line;
    }
    return found;
  }
}

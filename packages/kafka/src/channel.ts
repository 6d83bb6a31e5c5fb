/** Hands items from one asynchronous side to the other, holding at most `capacity` of them. */
export class Channel<T> implements AsyncIterable<T> {
  private readonly items: T[] = [];
  private ended = false;
  private failure: Error | undefined;
  private wakeReader: (() => void) | undefined;
  private readonly wakeWriters: (() => void)[] = [];

  constructor(private readonly capacity: number) {}

  get isEnded(): boolean {
    return this.ended;
  }

  /** Resolves when there is room for more; false when nobody reads any more. */
  async push(item: T): Promise<boolean> {
    while (this.items.length >= this.capacity && !this.ended)
      await new Promise<void>((resolve) => this.wakeWriters.push(resolve));
    if (this.ended) return false;
    this.items.push(item);
    this.wakeReader?.();
    return true;
  }

  /** The reader gets what is there, then the end, or the failure. */
  end(failure?: Error): void {
    this.ended = true;
    this.failure ??= failure;
    this.wakeReader?.();
    for (const wake of this.wakeWriters.splice(0)) wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (true) {
      const item = this.items.shift();
      if (item !== undefined) {
        this.wakeWriters.shift()?.();
        yield item;
      } else if (this.failure) {
        throw this.failure;
      } else if (this.ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.wakeReader = resolve));
      }
    }
  }
}

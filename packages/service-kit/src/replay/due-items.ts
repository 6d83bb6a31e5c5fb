import type { Item } from '../pipeline/item.js';

interface Due {
  readonly at: Date;
  /** undefined when nothing handles it any more */
  make(): Promise<Item | undefined>;
}

/** What is to be decided later, in the order of its time; of one time, as it came. */
export class DueItems {
  private readonly waiting: Due[] = [];

  add(due: Due): void {
    let [low, high] = [0, this.waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.waiting[middle]!.at <= due.at) low = middle + 1;
      else high = middle;
    }
    this.waiting.splice(low, 0, due);
  }

  /** Takes out the earliest that is due by then. */
  take(until: Date): Due | undefined {
    return this.waiting[0] && this.waiting[0].at <= until ? this.waiting.shift() : undefined;
  }
}

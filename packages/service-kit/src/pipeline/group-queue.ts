import { endSpan } from '../tracing/message-spans.js';
import type { GroupProcessor } from './group-processor.js';
import type { Item } from './item.js';

/** Messages taken into one commit at most, so that a backlog neither holds memory nor a transaction for long. */
const GROUP_MAX = 512;

/**
 * After a group of several messages the next starts at least this much later. A lone message never waits for it; under load groups fill instead of multiplying,
 * and much of a transaction's cost is the same for one message as for ten.
 */
const GROUP_INTERVAL_MS = 4;

interface Waiting {
  readonly item: Item;
  done(error?: Error): void;
}

/**
 * Group commit: one transaction is in flight, and everything that arrives meanwhile, over all partitions, goes into the
 * next. Latency stays low when idle and groups grow by themselves under load. What waits is bounded by what the
 * consumer has in flight, because it fetches no more for a partition until its messages are handled.
 */
export class GroupQueue {
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;
  private startedAt = -Infinity;
  private lastCount = 0;

  constructor(private readonly processor: Pick<GroupProcessor, 'process'>) {}

  /** Resolves when all are durably handled; rejects when the store can't be reached, and then none may be acknowledged. */
  process(items: readonly Item[]): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      let open = items.length;
      const done = (error?: Error): void => {
        if (error) reject(error);
        open -= 1;
        if (open === 0) resolve();
      };
      for (const item of items) this.waiting.push({ item, done });
      this.running ??= this.run();
    });
  }

  get depth(): number {
    return this.waiting.length;
  }

  /** Resolves when nothing is in flight any more. */
  async drained(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    // Let everything that arrives in this turn of the event loop join the first group.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const early = this.lastCount > 1 ? this.startedAt + GROUP_INTERVAL_MS - performance.now() : 0;
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      this.startedAt = performance.now();
      const group = this.waiting.splice(0, GROUP_MAX);
      this.lastCount = group.length;
      await this.processGroup(group);
    }
    this.running = undefined;
  }

  private async processGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.processor.process(group.map(({ item }) => item));
      for (const { done } of group) done();
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      for (const { item, done } of group) {
        endSpan(item, 'rejected', failure.name);
        item.caller?.reject(failure);
        done(failure);
      }
    }
  }
}

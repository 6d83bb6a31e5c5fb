import type { EventStore } from '@towpath/event-store/types';
import type { BreakerLog } from './breaker-log.js';
import { readResets } from './breakers.projection.js';
import type { Breaker } from './provider.js';

/** Resets the breakers of this process: at once when the command comes here, within a sweep when another replica got it. */
export class BreakerResets {
  private since: number;

  constructor(
    private readonly breakers: () => readonly Breaker[],
    private readonly log: Pick<BreakerLog, 'forget'>,
    private readonly store: Pick<EventStore, 'query'>,
    startedAt = Date.now(),
  ) {
    this.since = startedAt;
  }

  /** False when there is no such breaker. */
  reset(name: string): boolean {
    const breaker = this.breakers().find((one) => one.name === name);
    // The person's own event says that it was closed.
    this.log.forget(name);
    breaker?.reset();
    return breaker !== undefined;
  }

  async takeOver(): Promise<void> {
    for (const { name, changedAt } of await readResets(this.store, this.since)) {
      this.reset(name);
      this.since = Math.max(this.since, changedAt);
    }
  }
}

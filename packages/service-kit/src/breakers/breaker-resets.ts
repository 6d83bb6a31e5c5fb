import type { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import type { EventStore } from '@towpath/event-store/types';
import type { BreakerLog } from './breaker-log.js';

/** A breaker as a person resets it. */
export interface Resettable {
  /** the third party, such as slack or model; of one endpoint or agent with its name behind it */
  readonly name: string;
  reset(): void;
}

/** Resets the breakers of this process: at once when the command comes here, within a sweep when another replica got it. */
export class BreakerResets {
  private since: number;

  constructor(
    private readonly breakers: () => readonly Resettable[],
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

/** Breakers that a person reset after `since`, so that every replica lets calls through again. */
async function readResets(store: Pick<EventStore, 'query'>, since: number): Promise<BreakerChanged[]> {
  const rows = await store.query<{ state: BreakerChanged }>(
    'breaker_resets',
    `select state from projections where name = 'breakers' and state->>'actor' is not null
     and state->>'state' = 'closed' and (state->>'changedAt')::bigint > $1`,
    [since],
  );
  return rows.map(({ state }) => state);
}

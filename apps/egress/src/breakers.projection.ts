import { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { EventStore } from '@towpath/event-store/types';
import type { DecisionState } from '@towpath/service-kit/handles';
import { adapters } from './adapters.js';
import type { OpenEffect } from './ledger.projection.js';
import { toolOf } from './providers.js';

/** How each way out stands, as far as it ever changed. */
export const breakers = projection<BreakerChanged>({
  name: 'breakers',
  keysOf: (event) => (isOf(BreakerChanged, event) ? [event.data.breakerId] : []),
  evolve: (row, event) => (isOf(BreakerChanged, event) ? event.data : row),
});

/** The breaker that can be disabled until a person resets it, of effects that have one; all others close by themselves. */
export function disabledBreakerOf({ provider, action, subjectId }: OpenEffect): string | undefined {
  const name = toolOf(adapters, provider, action)?.breaker?.(subjectId);
  return name === undefined ? undefined : breakerIdOf(name);
}

/** A breaker of egress as `towpath breakers list` shows it. */
export function breakerIdOf(name: string): string {
  return `egress/${name}`;
}

/** Whether the way of an effect waits for a person. */
export function isDisabled(state: Pick<DecisionState, 'row'>, effect: OpenEffect): boolean {
  const breaker = disabledBreakerOf(effect);
  return breaker !== undefined && state.row(breakers, breaker)?.state === 'disabled';
}

/** Breakers that a person reset after `since`, so that every replica lets calls through again. */
export async function readResets(store: Pick<EventStore, 'query'>, since: number): Promise<BreakerChanged[]> {
  const rows = await store.query<{ state: BreakerChanged }>(
    'breaker_resets',
    `select state from projections where name = 'breakers' and state->>'actor' is not null
     and state->>'state' = 'closed' and (state->>'changedAt')::bigint > $1`,
    [since],
  );
  return rows.map(({ state }) => state);
}

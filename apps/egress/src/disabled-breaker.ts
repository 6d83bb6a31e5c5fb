import type { DecisionState } from '@towpath/service-kit/handles';
import { breakerIdOf, breakers } from '@towpath/service-kit/breakers/breakers.projection';
import { adapters } from './adapters.js';
import type { OpenEffect } from './ledger.projection.js';
import { toolOf } from './providers.js';

/** The breaker that can be disabled until a person resets it, of effects that have one; all others close by themselves. */
export function disabledBreakerOf({ provider, action, subjectId }: OpenEffect): string | undefined {
  const name = toolOf(adapters, provider, action)?.breaker?.(subjectId);
  return name === undefined ? undefined : breakerIdOf('egress', name);
}

/** Whether the way of an effect waits for a person. */
export function isDisabled(state: Pick<DecisionState, 'row'>, effect: OpenEffect): boolean {
  const breaker = disabledBreakerOf(effect);
  return breaker !== undefined && state.row(breakers, breaker)?.state === 'disabled';
}

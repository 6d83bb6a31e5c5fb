import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectSettled } from '@towpath/contracts/egress/EffectSettled.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';

/** Effects whose outcome nobody knows, until a person settles them. */
export const unknownEffects = projection<EffectOutcomeUnknown>({
  name: 'unknown-effects',
  keysOf: (event) => (isOf(EffectOutcomeUnknown, event) || isOf(EffectSettled, event) ? [event.data.effectId] : []),
  evolve: (row, event) =>
    isOf(EffectOutcomeUnknown, event) ? event.data : isOf(EffectSettled, event) ? undefined : row,
});

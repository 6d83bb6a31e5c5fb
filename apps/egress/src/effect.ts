import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectDeferred } from '@towpath/contracts/egress/EffectDeferred.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectFired } from '@towpath/contracts/egress/EffectFired.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { EffectState } from './effect-ledger.decider.js';

const none: EffectState = { phase: 'none', attempts: 0, firstFiredAt: null, firedAt: null };

/**
 * The ledger of one effect: `reserved → fired (once per call) → confirmed | failed | unknown`; a call that came to nothing and is
 * made again later puts it back to `reserved`, and a person who settles it leads from `unknown` to one of the other ends.
 */
export const effects = aggregate<EffectState>({
  stream: 'effect',
  initial: none,
  evolve(state, event) {
    if (isOf(EffectReserved, event)) return { ...state, phase: 'reserved' };
    if (isOf(EffectFired, event)) {
      const { attempt, firedAt } = event.data;
      return { phase: 'fired', attempts: attempt, firstFiredAt: state.firstFiredAt ?? firedAt, firedAt };
    }
    if (isOf(EffectDeferred, event)) return { ...state, phase: 'reserved', firedAt: null };
    if (isOf(EffectConfirmed, event)) return { ...state, phase: 'confirmed' };
    if (isOf(EffectFailed, event)) return { ...state, phase: 'failed' };
    if (isOf(EffectOutcomeUnknown, event)) return { ...state, phase: 'unknown' };
    return state;
  },
});

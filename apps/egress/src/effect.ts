import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectDeferred } from '@towpath/contracts/egress/EffectDeferred.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectFired } from '@towpath/contracts/egress/EffectFired.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectRecalled } from '@towpath/contracts/egress/EffectRecalled.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { EffectRecord } from './probe-effect.decider.js';

const none: EffectRecord = {
  ...{ phase: 'none', attempts: 0, firstFiredAt: null, firedAt: null, isRecalled: false },
  ...{ reserved: null, end: null },
};

/**
 * The ledger of one effect: `reserved → fired (once per call) → confirmed | failed | unknown`; a call that came to nothing and is
 * made again later puts it back to `reserved`, and a person who settles it leads from `unknown` to one of the other ends. One that
 * is recalled is not called again; an `unknown` one that is recalled is looked at again, as if it had just been called.
 */
export const effects = aggregate<EffectRecord>({
  stream: 'effect',
  initial: none,
  evolve(state, event) {
    if (isOf(EffectReserved, event)) return { ...state, phase: 'reserved', reserved: event.data };
    if (isOf(EffectFired, event)) {
      const { attempt, firedAt } = event.data;
      return { ...state, phase: 'fired', attempts: attempt, firstFiredAt: state.firstFiredAt ?? firedAt, firedAt };
    }
    if (isOf(EffectDeferred, event)) return { ...state, phase: 'reserved', firedAt: null };
    if (isOf(EffectConfirmed, event)) return { ...state, phase: 'confirmed', end: event.data };
    if (isOf(EffectFailed, event)) return { ...state, phase: 'failed', end: event.data };
    if (isOf(EffectOutcomeUnknown, event)) return { ...state, phase: 'unknown', end: event.data };
    if (isOf(EffectRecalled, event))
      return { ...state, isRecalled: true, phase: event.data.payload === null ? state.phase : 'fired' };
    return state;
  },
});

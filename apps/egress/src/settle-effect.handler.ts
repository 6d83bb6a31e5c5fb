import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectSettled } from '@towpath/contracts/egress/EffectSettled.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { SettleEffect } from '@towpath/contracts/platform/SettleEffect.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { effects } from './effect.js';
import { openEffects } from './ledger.projection.js';
import { unknownEffects } from './unknown-effects.projection.js';

const EMITS = [EffectSettled, EffectConfirmed, EffectFailed, ReviewClosed] as const;

/**
 * Ends an effect whose outcome nobody knew as a person found it. Whoever waits for it hears of it as of any other end; nothing is
 * sent. An effect whose outcome is known, or was settled before, stays as it is.
 */
@Handles(SettleEffect, { emits: EMITS })
export class SettleUnknownEffect {
  reads({ data }: Received<typeof SettleEffect>): Reads {
    const { effectId } = data;
    return { streams: [effects.of(effectId)], rows: [unknownEffects.at(effectId), openEffects.at(effectId)] };
  }

  handle({ data }: Received<typeof SettleEffect>, state: DecisionState): readonly Emission<(typeof EMITS)[number]>[] {
    const { effectId, outcome, actor, reason } = data;
    const { phase } = state.of(effects, effectId);
    const unknown = state.row(unknownEffects, effectId);
    if (phase !== 'unknown' || !unknown)
      throw new Permanent('EFFECT_NOT_UNKNOWN', `${effectId} is ${phase}; only an unknown outcome can be settled`);
    const at = state.now.getTime();
    const { detail: _, givenUpAt: __, ...rest } = unknown;
    // Of an effect that was given up before ends told their command it has none.
    const about = { ...rest, commandId: rest.commandId ?? null };
    const { idempotencyKey: ___, attempts: ____, commandId: _____, ...settled } = about;
    const end =
      outcome === 'done'
        ? emit(EffectConfirmed, { ...about, providerReference: 'settled', confirmedAt: at, dryRun: false })
        : emit(EffectFailed, { ...about, code: 'SETTLED_NOT_DONE', detail: reason, failedAt: at });
    return [
      emit(EffectSettled, { ...settled, outcome, before: phase, actor, reason, settledAt: at }),
      end,
      emit(ReviewClosed, { reviewId: `effect-${effectId}`, outcome: `settled as ${outcome}`, actor }),
    ];
  }
}

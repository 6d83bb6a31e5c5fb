import type { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import type { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import type { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import type { EffectRecalled } from '@towpath/contracts/egress/EffectRecalled.v1';
import type { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import type { ProbeEffect } from '@towpath/contracts/platform/ProbeEffect.v1';
import { OURSELVES } from './actions.js';
import type { EffectState } from './effect-ledger.decider.js';

/** An effect with what its stream tells of it, for those who ask what became of it. */
export interface EffectRecord extends EffectState {
  readonly reserved: EffectReserved | null;
  /** its last end */
  readonly end: EffectConfirmed | EffectFailed | EffectOutcomeUnknown | null;
}

/** How an effect is called, here and at its provider. */
export type EffectNames = Pick<EffectReserved, 'effectId' | 'idempotencyKey'>;

/** One thing that is said about a probed effect. */
export type ProbeAnswer =
  | { readonly kind: 'recalled'; readonly data: EffectRecalled }
  | { readonly kind: 'confirmed'; readonly data: EffectConfirmed }
  | { readonly kind: 'failed'; readonly data: EffectFailed }
  | { readonly kind: 'unknown'; readonly data: EffectOutcomeUnknown };

/** What a probe is answered at once, by where the ledger stands. @param now milliseconds since the epoch */
export function answerProbe(
  probe: ProbeEffect,
  names: EffectNames,
  record: EffectRecord,
  now: number,
): readonly ProbeAnswer[] {
  const { phase, end } = record;
  if (phase === 'none') return [recalled(probe, names, record, now), neverAsked(probe, names, now)];
  // It ends soon, and whoever asked for it hears of that end.
  if (phase === 'reserved' || phase === 'fired') return record.isRecalled ? [] : [recalled(probe, names, record, now)];
  if (phase === 'unknown' && record.reserved) return [recalled(probe, names, record, now)];
  return end === null ? [] : [told(phase, { ...end, commandId: probe.commandId })];
}

function told(phase: EffectRecord['phase'], end: NonNullable<EffectRecord['end']>): ProbeAnswer {
  if (phase === 'confirmed') return { kind: 'confirmed', data: end as EffectConfirmed };
  if (phase === 'failed') return { kind: 'failed', data: end as EffectFailed };
  return { kind: 'unknown', data: end as EffectOutcomeUnknown };
}

/** The stream keeps that it is recalled, so that a command that is still on its way comes to nothing. */
function neverAsked({ commandId, action, subjectId }: ProbeEffect, names: EffectNames, now: number): ProbeAnswer {
  const about = { ...names, action, provider: OURSELVES, subjectId, accountId: subjectId, commandId };
  const why = { code: 'NEVER_ASKED', detail: 'the command had not come when its effect was asked after' };
  const data = { ...about, ...why, attempts: 0, failedAt: now };
  return { kind: 'failed', data };
}

function recalled(probe: ProbeEffect, { effectId }: EffectNames, record: EffectRecord, now: number): ProbeAnswer {
  const { commandId, action, subjectId, reason } = probe;
  const { reserved, attempts, firedAt } = record;
  const asked = { commandId, reason, recalledAt: now };
  const none = { provider: null, idempotencyKey: null, payload: null, reservedAt: null, seen: null, agent: null };
  if (record.phase !== 'unknown' || !reserved) {
    const about = { action: reserved?.action ?? action, subjectId: reserved?.subjectId ?? subjectId };
    const data = { effectId, ...about, accountId: reserved?.accountId ?? null, ...none, attempts, firedAt, ...asked };
    return { kind: 'recalled', data };
  }
  const { provider, accountId, idempotencyKey, payload, reservedAt, agent } = reserved;
  const seen = (record.end as EffectOutcomeUnknown | null)?.detail ?? null;
  return {
    kind: 'recalled',
    data: {
      ...{ effectId, action: reserved.action, subjectId: reserved.subjectId, accountId, provider, idempotencyKey },
      ...{ payload, reservedAt, attempts, firedAt, seen, agent, ...asked },
    },
  };
}

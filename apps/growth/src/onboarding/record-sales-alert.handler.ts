import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { SalesAlertFailed } from '@towpath/contracts/growth/SalesAlertFailed.v1';
import { SalesAlerted } from '@towpath/contracts/growth/SalesAlerted.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { EffectEnd } from '../effect-end.js';
import { newsOf, readsToSettle } from './step.js';
import { salesAlert } from './sales-alert.js';

const EMITS = [SalesAlerted, SalesAlertFailed] as const;

/** Records whether sales was told. */
@Handles(EffectConfirmed, { emits: EMITS })
@Handles(EffectFailed, { emits: EMITS })
@Handles(EffectOutcomeUnknown, { emits: EMITS })
export class RecordSalesAlert {
  reads(message: EffectEnd): Reads {
    return readsToSettle(salesAlert, message);
  }

  handle(message: EffectEnd, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const news = newsOf(salesAlert, message, state);
    if (!news) return [];
    const { customerId, end } = news;
    const about = { customerId, effectId: message.data.effectId };
    const at = state.now.getTime();
    if (!end.done) return [emit(SalesAlertFailed, { ...about, code: end.code, failedAt: at })];
    return [emit(SalesAlerted, { ...about, alertedAt: at })];
  }
}

import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { CrmUpdateFailed } from '@towpath/contracts/growth/CrmUpdateFailed.v1';
import { CrmUpdated } from '@towpath/contracts/growth/CrmUpdated.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { EffectEnd } from '../effect-end.js';
import { newsOf, readsToSettle } from './step.js';
import { crmRecord } from './crm-record.js';

const EMITS = [CrmUpdated, CrmUpdateFailed] as const;

/** Records whether the CRM knows the customer: the event that an onboarding waits for. */
@Handles(EffectConfirmed, { emits: EMITS })
@Handles(EffectFailed, { emits: EMITS })
@Handles(EffectOutcomeUnknown, { emits: EMITS })
export class RecordCrmUpdate {
  reads(message: EffectEnd): Reads {
    return readsToSettle(crmRecord, message);
  }

  handle(message: EffectEnd, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const news = newsOf(crmRecord, message, state);
    if (!news) return [];
    const { customerId, end } = news;
    const about = { customerId, effectId: message.data.effectId };
    const at = state.now.getTime();
    if (!end.done) return [emit(CrmUpdateFailed, { ...about, code: end.code, failedAt: at })];
    return [emit(CrmUpdated, { ...about, crmContactId: end.reference, updatedAt: at })];
  }
}

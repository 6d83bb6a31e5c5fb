import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { ProvisioningFailed } from '@towpath/contracts/growth/ProvisioningFailed.v1';
import { ProvisioningCompleted } from '@towpath/contracts/growth/ProvisioningCompleted.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { EffectEnd } from '../effect-end.js';
import { newsOf, readsToSettle } from './step.js';
import { provisioning } from './provisioning.js';

const EMITS = [ProvisioningCompleted, ProvisioningFailed] as const;

/** Records whether the account is there: the event that an onboarding waits for. */
@Handles(EffectConfirmed, { emits: EMITS })
@Handles(EffectFailed, { emits: EMITS })
@Handles(EffectOutcomeUnknown, { emits: EMITS })
export class RecordProvisioning {
  reads(message: EffectEnd): Reads {
    return readsToSettle(provisioning, message);
  }

  handle(message: EffectEnd, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const news = newsOf(provisioning, message, state);
    if (!news) return [];
    const { customerId, end } = news;
    const about = { customerId, effectId: message.data.effectId };
    const at = state.now.getTime();
    if (!end.done) return [emit(ProvisioningFailed, { ...about, code: end.code, failedAt: at })];
    return [emit(ProvisioningCompleted, { ...about, workspaceId: end.reference, completedAt: at })];
  }
}

import { CrmUpdated } from '@towpath/contracts/growth/CrmUpdated.v1';
import { CrmUpdateFailed } from '@towpath/contracts/growth/CrmUpdateFailed.v1';
import { ProvisioningCompleted } from '@towpath/contracts/growth/ProvisioningCompleted.v1';
import { ProvisioningFailed } from '@towpath/contracts/growth/ProvisioningFailed.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { onboarding, type RequiredStep } from './onboarding.js';
import { COORDINATING, note, type Coordinating } from './coordinate.js';

type StepEnd =
  | Received<typeof ProvisioningCompleted>
  | Received<typeof ProvisioningFailed>
  | Received<typeof CrmUpdated>
  | Received<typeof CrmUpdateFailed>;

/** Hears of every step that an onboarding needs, in whatever order they come. */
@Handles(ProvisioningCompleted, { emits: COORDINATING })
@Handles(ProvisioningFailed, { emits: COORDINATING })
@Handles(CrmUpdated, { emits: COORDINATING })
@Handles(CrmUpdateFailed, { emits: COORDINATING })
export class NoteOnboardingStep {
  reads({ data }: StepEnd): Reads {
    return { streams: [onboarding.of(data.customerId)] };
  }

  handle(message: StepEnd, state: DecisionState): Coordinating[] {
    const { customerId } = message.data;
    return note(customerId, state.of(onboarding, customerId), endOfStep(message), state.now);
  }
}

function endOfStep({ type, data }: StepEnd): { step: RequiredStep; code: string | null } {
  const step = type === ProvisioningCompleted.type || type === ProvisioningFailed.type ? 'provisioning' : 'crm';
  return { step, code: 'code' in data ? data.code : null };
}

import { ProvisionAccount } from '@towpath/contracts/accounts/ProvisionAccount.v1';
import { ProvisioningCompleted } from '@towpath/contracts/growth/ProvisioningCompleted.v1';
import { ProvisioningFailed } from '@towpath/contracts/growth/ProvisioningFailed.v1';
import { workspacesAsked } from '../asked.js';
import { stepState, type Step } from './step.js';

/** The account that a customer works with. */
export const provisioning = {
  command: ProvisionAccount,
  asked: workspacesAsked,
  state: stepState('provisioning', ProvisioningCompleted, ProvisioningFailed),
  prefix: '',
} as const satisfies Step;

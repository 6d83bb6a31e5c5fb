import { RecoveryFlowEnded } from '@towpath/contracts/payments/RecoveryFlowEnded.v1';
import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { RecoveryPlanChanged } from '@towpath/contracts/payments/RecoveryPlanChanged.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';

/** The payments of one subscription that are being recovered. */
export interface SubscriptionRecoveries {
  readonly open: readonly { readonly paymentId: string; readonly accountId: string }[];
}

export const subscriptionRecoveries = projection<SubscriptionRecoveries>({
  name: 'subscription_recoveries',
  keysOf: (event) => {
    const about = recoveryOf(event);
    return about && about.subscriptionId !== null ? [about.subscriptionId] : [];
  },
  evolve: (row, event) => {
    const about = recoveryOf(event);
    if (!about) return row;
    const { paymentId, accountId } = about;
    const others = (row?.open ?? []).filter((one) => one.paymentId !== paymentId);
    const open = isOf(RecoveryFlowEnded, event) ? others : [...others, { paymentId, accountId }];
    return open.length === 0 ? undefined : { open };
  },
});

function recoveryOf(event: DomainEvent) {
  const told = isOf(RecoveryFlowInitiated, event) || isOf(RecoveryPlanChanged, event) || isOf(RecoveryFlowEnded, event);
  return told ? event.data : undefined;
}

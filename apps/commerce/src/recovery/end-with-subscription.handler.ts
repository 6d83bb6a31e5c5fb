import { RecoveryStepDue } from '@towpath/contracts/payments/RecoveryStepDue.v1';
import { SubscriptionChanged } from '@towpath/contracts/payments/SubscriptionChanged.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { remind, type Emission, type Received } from '@towpath/service-kit/message';
import { subscriptionRecoveries } from './subscription-recoveries.projection.js';

const EMITS = [RecoveryStepDue] as const;

/** A subscription that ended owes nothing that we would ask for. Each of its recoveries ends on its own stream, in a turn of its own. */
@Handles(SubscriptionChanged, { emits: EMITS })
export class EndWithSubscription implements Handler<typeof SubscriptionChanged, typeof EMITS> {
  reads({ data }: Received<typeof SubscriptionChanged>): Reads {
    return { rows: [subscriptionRecoveries.at(data.subscriptionId)] };
  }

  handle({ data }: Received<typeof SubscriptionChanged>, state: DecisionState): Emission<typeof RecoveryStepDue>[] {
    if (data.status !== 'canceled') return [];
    const { open = [] } = state.row(subscriptionRecoveries, data.subscriptionId) ?? {};
    return open.map(({ paymentId, accountId }) =>
      remind(RecoveryStepDue, state.now, {
        ...{ paymentId, accountId, step: 'subscription_ended', number: 1, plan: 0, email: null, payUrl: null },
      }),
    );
  }
}

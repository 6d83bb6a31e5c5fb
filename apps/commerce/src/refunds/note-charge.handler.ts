import { OrderCharged } from '@towpath/contracts/commerce/OrderCharged.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { orderLedger } from './order-ledger.js';

const EMITS = [OrderCharged] as const;

/** The provider's payment of an order, as egress heard it: what a provider tells later of the payment is told of the order. */
@Handles(EffectConfirmed, { emits: EMITS })
export class NoteCharge implements Handler<typeof EffectConfirmed, typeof EMITS> {
  reads({ data }: Received<typeof EffectConfirmed>): Reads {
    return data.action === ChargeCard.type ? { streams: [orderLedger.of(data.subjectId)] } : {};
  }

  handle({ data }: Received<typeof EffectConfirmed>, state: DecisionState): Emission<typeof OrderCharged>[] {
    const { action, subjectId: orderId, accountId, provider, providerReference: paymentId, confirmedAt } = data;
    if (action !== ChargeCard.type || state.of(orderLedger, orderId).charge) return [];
    return [emit(OrderCharged, { orderId, accountId, paymentId, provider, chargedAt: confirmedAt })];
  }
}

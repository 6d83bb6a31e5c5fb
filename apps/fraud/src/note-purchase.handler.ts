import { PurchaseNoted } from '@towpath/contracts/fraud/PurchaseNoted.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import { Handles, type DecisionState, type Handler } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';

const EMITS = [PurchaseNoted] as const;

/** Whoever disputes a payment may have got what it was for: that is evidence. */
@Handles(PurchaseCompleted, { emits: EMITS })
export class NotePurchase implements Handler<typeof PurchaseCompleted, typeof EMITS> {
  handle({ data }: Received<typeof PurchaseCompleted>, _state: DecisionState): Emission<typeof PurchaseNoted>[] {
    const { paymentId, orderId, accountId, completedAt } = data;
    if (paymentId === null) return [];
    return [emit(PurchaseNoted, { paymentId, orderId, accountId, completedAt })];
  }
}

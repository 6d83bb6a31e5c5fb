import { PurchaseNoted } from '@towpath/contracts/fraud/PurchaseNoted.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** What a payment was for. */
export interface PurchaseNote {
  /** the order, once it was fulfilled */
  readonly orderId: string | null;
}

export const purchaseNotes = aggregate<PurchaseNote>({
  stream: 'purchase-note',
  initial: { orderId: null },
  evolve: (state, event) => (isOf(PurchaseNoted, event) ? { orderId: event.data.orderId } : state),
});

import { InventoryTaken } from '@towpath/contracts/commerce/InventoryTaken.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { reservation } from './reservation.js';

const EMITS = [InventoryTaken] as const;

/** What was bought has left the warehouse. */
@Handles(PurchaseCompleted, { emits: EMITS })
export class TakeInventory implements Handler<typeof PurchaseCompleted, typeof EMITS> {
  reads({ data }: Received<typeof PurchaseCompleted>): Reads {
    return { streams: [reservation.of(data.orderId)] };
  }

  handle({ data }: Received<typeof PurchaseCompleted>, state: DecisionState): Emission<typeof InventoryTaken>[] {
    const { status, reservationId, lines } = state.of(reservation, data.orderId);
    if (status !== 'reserved') return [];
    const { orderId } = data;
    return [emit(InventoryTaken, { orderId, reservationId, lines: [...lines], takenAt: state.now.getTime() })];
  }
}

import { InventoryReserved } from '@towpath/contracts/commerce/InventoryReserved.v1';
import { InventoryUnavailable } from '@towpath/contracts/commerce/InventoryUnavailable.v1';
import { ReserveInventory } from '@towpath/contracts/commerce/ReserveInventory.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { reservation } from './reservation.js';
import { decideReservation } from './reservation.decider.js';
import { skusOf } from './stock-lines.js';
import { freePieces, stock } from './stock.projection.js';

const EMITS = [InventoryReserved, InventoryUnavailable] as const;

/** Keeps the pieces of an order for it, or says what is missing. */
@Handles(ReserveInventory, { emits: EMITS })
export class ReserveInventoryHandler implements Handler<typeof ReserveInventory, typeof EMITS> {
  reads({ data }: Received<typeof ReserveInventory>): Reads {
    return { streams: [reservation.of(data.orderId)], rows: skusOf(data.lines).map((sku) => stock.at(sku)) };
  }

  handle({ data }: Received<typeof ReserveInventory>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { orderId, reservationId } = data;
    const before = state.of(reservation, orderId);
    const decision = decideReservation(data.lines, before, (sku) => freePieces(state.row(stock, sku)));
    const now = state.now.getTime();
    if (decision.kind === 'refused') {
      const { code, missing } = decision;
      return [emit(InventoryUnavailable, { orderId, reservationId, code, missing, refusedAt: now })];
    }
    const { lines, repeated } = decision;
    const known = repeated ? before.reservationId : reservationId;
    return [emit(InventoryReserved, { orderId, reservationId: known, lines, repeated, reservedAt: now })];
  }
}

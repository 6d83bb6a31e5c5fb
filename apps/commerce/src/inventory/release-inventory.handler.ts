import { InventoryReleased } from '@towpath/contracts/commerce/InventoryReleased.v1';
import { ReleaseInventory } from '@towpath/contracts/commerce/ReleaseInventory.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { reservation } from './reservation.js';

const EMITS = [InventoryReleased] as const;

/** Gives back what is kept for an order. It is said also where nothing was, and then nothing will be: the late wish is refused. */
@Handles(ReleaseInventory, { emits: EMITS })
export class ReleaseInventoryHandler implements Handler<typeof ReleaseInventory, typeof EMITS> {
  reads({ data }: Received<typeof ReleaseInventory>): Reads {
    return { streams: [reservation.of(data.orderId)] };
  }

  handle({ data }: Received<typeof ReleaseInventory>, state: DecisionState): Emission<typeof InventoryReleased>[] {
    const { orderId, reservationId, reason } = data;
    const before = state.of(reservation, orderId);
    const lines = before.status === 'reserved' ? [...before.lines] : [];
    const releasedAt = state.now.getTime();
    return [emit(InventoryReleased, { orderId, reservationId, lines, reason, releasedAt })];
  }
}

import { InventoryReleased } from '@towpath/contracts/commerce/InventoryReleased.v1';
import { InventoryReserved } from '@towpath/contracts/commerce/InventoryReserved.v1';
import { InventoryTaken } from '@towpath/contracts/commerce/InventoryTaken.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { Reservation } from './reservation-state.js';

export const reservation = aggregate<Reservation>({
  stream: 'reservation',
  initial: { status: 'none', reservationId: '', lines: [] },
  evolve: (state, event) => {
    if (isOf(InventoryReserved, event)) {
      const { reservationId, lines } = event.data;
      return state.status === 'none' ? { status: 'reserved', reservationId, lines } : state;
    }
    // What left the warehouse stays gone, whatever is said of its reservation afterwards.
    if (isOf(InventoryReleased, event)) return state.status === 'taken' ? state : { ...state, status: 'released' };
    if (isOf(InventoryTaken, event)) return { ...state, status: 'taken' };
    return state;
  },
});

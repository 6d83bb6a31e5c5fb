import type { InventoryUnavailable } from '@towpath/contracts/commerce/InventoryUnavailable.v1';
import type { Reservation } from './reservation-state.js';
import { isSame, piecesOf, skusOf, type StockLine } from './stock-lines.js';

/** What becomes of a wish to keep pieces. */
export type ReservationDecision =
  | { readonly kind: 'reserved'; readonly lines: StockLine[]; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly code: string; readonly missing: InventoryUnavailable['missing'] };

/**
 * Keeps all pieces or none. The same wish again is answered as before, and one that comes after it was given back is refused, so that
 * a late command can't keep pieces for an order that is undone.
 * @param freeOf pieces of an article that nobody has
 */
export function decideReservation(
  wanted: readonly StockLine[],
  before: Reservation,
  freeOf: (sku: string) => number,
): ReservationDecision {
  if (wanted.length === 0 || wanted.some(({ quantity }) => quantity < 1)) return refused('LINES_INVALID');
  if (before.status === 'released') return refused('RESERVATION_RELEASED');
  if (before.status !== 'none') {
    if (!isSame(wanted, before.lines)) return refused('RESERVATION_DIFFERS');
    return { kind: 'reserved', lines: [...before.lines], repeated: true };
  }
  const lines = skusOf(wanted).map((sku) => ({ sku, quantity: piecesOf(wanted, sku) }));
  const missing = lines
    .map(({ sku, quantity }) => ({ sku, wanted: quantity, available: Math.max(0, freeOf(sku)) }))
    .filter((line) => line.available < line.wanted);
  if (missing.length > 0) return refused('OUT_OF_STOCK', missing);
  return { kind: 'reserved', lines, repeated: false };
}

function refused(code: string, missing: InventoryUnavailable['missing'] = []): ReservationDecision {
  return { kind: 'refused', code, missing };
}

import { InventoryReleased } from '@towpath/contracts/commerce/InventoryReleased.v1';
import { InventoryReserved } from '@towpath/contracts/commerce/InventoryReserved.v1';
import { InventoryTaken } from '@towpath/contracts/commerce/InventoryTaken.v1';
import { StockReceived } from '@towpath/contracts/commerce/StockReceived.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { piecesOf, skusOf } from './stock-lines.js';

/** Pieces of one article. */
export interface Stock {
  /** pieces in the warehouse */
  readonly onHand: number;
  /** of these, pieces kept for orders */
  readonly reserved: number;
}

const NONE: Stock = { onHand: 0, reserved: 0 };

/**
 * What is there of each article. Its rows are written with the version that was read, so two replicas that keep pieces at once can't
 * both have the last one: the second looks again.
 */
export const stock = projection<Stock>({
  name: 'stock',
  keysOf: (event) => {
    if (isOf(StockReceived, event)) return [event.data.sku];
    if (isOf(InventoryReserved, event)) return event.data.repeated ? [] : skusOf(event.data.lines);
    if (isOf(InventoryReleased, event) || isOf(InventoryTaken, event)) return skusOf(event.data.lines);
    return [];
  },
  evolve: (row = NONE, event, sku) => {
    if (isOf(StockReceived, event)) return { ...row, onHand: row.onHand + event.data.quantity };
    if (isOf(InventoryReserved, event)) return { ...row, reserved: row.reserved + piecesOf(event.data.lines, sku) };
    if (isOf(InventoryReleased, event)) return { ...row, reserved: row.reserved - piecesOf(event.data.lines, sku) };
    if (isOf(InventoryTaken, event)) {
      const pieces = piecesOf(event.data.lines, sku);
      return { onHand: row.onHand - pieces, reserved: row.reserved - pieces };
    }
    return row;
  },
});

/** Pieces that another order can have. */
export function freePieces(row: Stock | undefined): number {
  return row ? row.onHand - row.reserved : 0;
}

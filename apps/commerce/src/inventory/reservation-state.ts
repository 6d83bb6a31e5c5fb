import type { StockLine } from './stock-lines.js';

/** What is kept for one order. */
export interface Reservation {
  readonly status: 'none' | 'reserved' | 'released' | 'taken';
  readonly reservationId: string;
  readonly lines: readonly StockLine[];
}

import { StockReceived } from '@towpath/contracts/commerce/StockReceived.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** Further back the inbox knows the delivery itself; this catches a shop that tells of one receipt in several deliveries. */
const RECEIPTS_MAX = 1_000;

/** The latest receipts of one article, oldest first. */
export const receipts = aggregate<readonly string[]>({
  stream: 'stock',
  initial: [],
  evolve: (state, event) =>
    isOf(StockReceived, event) ? [...state, event.data.receiptId].slice(-RECEIPTS_MAX) : state,
});

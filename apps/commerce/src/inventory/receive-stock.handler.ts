import { ReceiveStock } from '@towpath/contracts/commerce/ReceiveStock.v1';
import { StockReceived } from '@towpath/contracts/commerce/StockReceived.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { receipts } from './receipts.js';
import { stock } from './stock.projection.js';

const EMITS = [StockReceived] as const;

/** Pieces that came in can be sold; each receipt counts once, however often the shop tells of it. */
@Handles(ReceiveStock, { emits: EMITS })
export class ReceiveStockHandler implements Handler<typeof ReceiveStock, typeof EMITS> {
  reads({ data }: Received<typeof ReceiveStock>): Reads {
    return { streams: [receipts.of(data.sku)], rows: [stock.at(data.sku)] };
  }

  handle({ data }: Received<typeof ReceiveStock>, state: DecisionState): Emission<typeof StockReceived>[] {
    const { sku, receiptId, quantity, receivedAt } = data;
    if (state.of(receipts, sku).includes(receiptId)) return [];
    return [emit(StockReceived, { sku, receiptId, quantity, receivedAt })];
  }
}

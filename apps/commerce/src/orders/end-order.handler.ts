import { Injectable } from '@nestjs/common';
import { OrderEndDue } from '@towpath/contracts/orders/OrderEndDue.v1';
import { OrderEndNoted } from '@towpath/contracts/orders/OrderEndNoted.v1';
import { Handles, type DecisionState, type QueuedHandler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { orderLedger } from '../refunds/order-ledger.js';
import { endOfOrder, ORDER_END_EMITS, type OrderTexts } from './order-end.js';
import { OrderReader } from './order-reader.js';
import { purchase } from './purchase.js';

const EMITS = [OrderEndNoted, ...ORDER_END_EMITS] as const;

/** Tells how an order ended, once; what is personal of it is read for that alone. */
@Injectable()
@Handles(OrderEndDue, { mode: 'queued', emits: EMITS, concurrency: 16, timeoutMs: 10_000 })
export class EndOrder implements QueuedHandler<typeof OrderEndDue, typeof EMITS, OrderTexts | null> {
  constructor(private readonly orders: OrderReader) {}

  reads({ data }: Received<typeof OrderEndDue>): Reads {
    return { streams: [purchase.of(data.orderId), orderLedger.of(data.orderId)] };
  }

  work({ data }: Received<typeof OrderEndDue>): Promise<OrderTexts | null> {
    return this.orders.texts(data.orderId);
  }

  handle(
    { data }: Received<typeof OrderEndDue>,
    state: DecisionState,
    texts: OrderTexts | null,
  ): Emission<(typeof EMITS)[number]>[] {
    const { orderId, outcome, code, endedAt } = data;
    const { order, noted, end } = state.of(purchase, orderId);
    if (end || noted) return [];
    if (!order) return [emit(OrderEndNoted, { orderId, outcome, code, endedAt })];
    // The order came between the look and now.
    if (!texts) throw new Error(`ORDER_UNREAD: ${orderId} was not there when it was read`);
    const paymentId = state.of(orderLedger, orderId).charge?.paymentId ?? null;
    return endOfOrder({ order, texts, paymentId }, data);
  }
}

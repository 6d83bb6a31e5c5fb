import { OrderOpened } from '@towpath/contracts/orders/OrderOpened.v1';
import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { orderLedger } from '../refunds/order-ledger.js';
import { endOfOrder, ORDER_END_EMITS } from './order-end.js';
import { purchase } from './purchase.js';

const EMITS = [OrderOpened, ...ORDER_END_EMITS] as const;

/** An order comes into the shop's books. When its fulfilment ended before that was heard of here, its end is told now. */
@Handles(OrderPlaced, { emits: EMITS, decrypts: true })
export class OpenOrder implements Handler<typeof OrderPlaced, typeof EMITS> {
  reads({ data }: Received<typeof OrderPlaced>): Reads {
    return { streams: [purchase.of(data.orderId), orderLedger.of(data.orderId)] };
  }

  handle({ data }: Received<typeof OrderPlaced>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { orderId, customerId, accountId, email, name, itemsText } = data;
    const before = state.of(purchase, orderId);
    if (before.order) return [];
    const { lines, amountMinor, currency, placedAt } = data;
    const order = { orderId, customerId, accountId, lines, amountMinor, currency, placedAt };
    const texts = { email, name, itemsText };
    const opened = emit(OrderOpened, { ...order, ...texts, openedAt: state.now.getTime() });
    if (!before.noted) return [opened];
    const paymentId = state.of(orderLedger, orderId).charge?.paymentId ?? null;
    return [opened, ...endOfOrder({ order, texts, paymentId }, before.noted)];
  }
}

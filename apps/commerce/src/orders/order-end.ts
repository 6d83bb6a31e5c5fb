import { OrderPaid } from '@towpath/contracts/commerce/OrderPaid.v1';
import { OrderCanceled } from '@towpath/contracts/orders/OrderCanceled.v1';
import type { OrderEndNoted } from '@towpath/contracts/orders/OrderEndNoted.v1';
import type { OrderOpened } from '@towpath/contracts/orders/OrderOpened.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { OrderFacts } from './purchase.js';

export const ORDER_END_EMITS = [PurchaseCompleted, OrderPaid, OrderCanceled] as const;

/** What is personal of an order, readable; that of an erased customer reads `erased`. */
export type OrderTexts = Pick<OrderOpened, 'email' | 'name' | 'itemsText'>;

interface Known {
  readonly order: OrderFacts;
  readonly texts: OrderTexts;
  /** the provider's payment; null when nothing told it yet */
  readonly paymentId: string | null;
}

/** What is told when an order's fulfilment ended: that it was bought and paid for good, or that it was canceled. */
export function endOfOrder(
  { order, texts, paymentId }: Known,
  { outcome, code, endedAt }: Pick<OrderEndNoted, 'outcome' | 'code' | 'endedAt'>,
): Emission<(typeof ORDER_END_EMITS)[number]>[] {
  const { orderId, customerId, accountId, lines, amountMinor, currency, placedAt } = order;
  const who = { orderId, customerId, accountId };
  if (outcome !== 'completed') {
    return [emit(OrderCanceled, { ...who, reason: code ?? 'UNKNOWN', canceledAt: endedAt })];
  }
  return [
    emit(PurchaseCompleted, {
      ...{ ...who, ...texts, lines, amountMinor, currency, paymentId, placedAt },
      completedAt: endedAt,
    }),
    emit(OrderPaid, { ...who, amountMinor, currency, paidAt: endedAt }),
  ];
}

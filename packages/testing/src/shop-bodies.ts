/** What an order is made of; the rest follows from its id. */
export interface ShopOrder {
  readonly orderId: string;
  readonly sku?: string;
  /** pieces */
  readonly quantity?: number;
  /** minor units of EUR */
  readonly amountMinor?: number;
  /** the customer at the payment provider */
  readonly accountId?: string;
  readonly paymentMethodId?: string;
}

/** The body of a shop's `order.placed`. */
export function orderPlacedBody(order: ShopOrder): string {
  const { orderId, sku = 'mug-blue', quantity = 1, amountMinor = 4_999 } = order;
  return told('order.placed', {
    orderId,
    customer: { email: emailOf(orderId), accountId: order.accountId ?? `cus_${orderId}` },
    paymentMethodId: order.paymentMethodId ?? 'pm_card_visa',
    shipTo: { name: 'Ada Example', street: '1 Canal Street', city: 'Hebden', postalCode: 'HX7 8AA', country: 'GB' },
    lines: [{ sku, title: 'Blue mug', quantity, unitPriceMinor: Math.floor(amountMinor / quantity) }],
    amountMinor,
    currency: 'EUR',
  });
}

/** The body of a shop's `refund.requested`; without an amount it asks for all that is left. */
export function refundRequestedBody(refund: {
  readonly refundId: string;
  readonly orderId: string;
  /** minor units of EUR */
  readonly amountMinor?: number;
}): string {
  const customer = { email: emailOf(refund.orderId) };
  return told('refund.requested', { ...refund, customer, currency: 'EUR', reason: 'damaged' });
}

/** The body of a shop's `stock.received`. */
export function stockReceivedBody(stock: {
  readonly sku: string;
  readonly receiptId: string;
  /** pieces */
  readonly quantity: number;
}): string {
  return told('stock.received', stock);
}

function told(type: string, data: object): string {
  return JSON.stringify({ type, timestamp: new Date().toISOString(), data });
}

function emailOf(orderId: string): string {
  return `${orderId}@shop.example`;
}

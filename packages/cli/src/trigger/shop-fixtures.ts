import type { Fixture, Ids } from './fixtures.js';
import type { Body } from './paths.js';

const SKU = 'mug-blue';

/** What a shop tells of its orders, refunds and stock. */
export const shopFixtures: Readonly<Record<string, Fixture>> = {
  'order.placed': { provider: 'shop', resource: 'order', at: ['data'], build: order },
  'refund.requested': { provider: 'shop', resource: 'refund', at: ['data'], build: refund },
  'stock.received': { provider: 'shop', resource: 'stock', at: ['data'], build: stock },
};

function order(ids: Ids): Body {
  return told(ids, 'order.placed', {
    orderId: `order_${ids.number}`,
    customer: { email: emailOf(ids), accountId: ids.customer },
    paymentMethodId: `pm_${ids.card}`,
    shipTo: {
      name: 'Jenny Rosen',
      street: '510 Townsend St',
      city: 'San Francisco',
      postalCode: '94103',
      country: 'US',
    },
    lines: [{ sku: SKU, title: 'Blue mug', quantity: 2, unitPriceMinor: 1_999 }],
    amountMinor: 4_997,
    currency: 'USD',
  });
}

function refund(ids: Ids): Body {
  return told(ids, 'refund.requested', {
    refundId: `refund_${ids.card}`,
    orderId: `order_${ids.number}`,
    customer: { email: emailOf(ids) },
    amountMinor: 1_999,
    currency: 'USD',
    reason: 'damaged',
  });
}

function stock(ids: Ids): Body {
  return told(ids, 'stock.received', { sku: SKU, receiptId: `receipt_${ids.card}`, quantity: 100 });
}

function told(ids: Ids, type: string, data: Body): Body {
  return { type, timestamp: new Date(ids.now * 1000).toISOString(), data };
}

function emailOf(ids: Ids): string {
  return `jenny.${ids.number}@example.com`;
}

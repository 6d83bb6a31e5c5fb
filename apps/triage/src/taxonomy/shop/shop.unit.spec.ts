import { ReceiveStock } from '@towpath/contracts/commerce/ReceiveStock.v1';
import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { RefundRequested } from '@towpath/contracts/orders/RefundRequested.v1';
import fc from 'fast-check';
import { delivered, Triage } from '../../triage.fixture.js';

const shop = { provider: 'shop', source: 'shop', scheme: 'standard' };
const NOW = '2026-01-31T09:00:00Z';

const mug = { sku: 'mug-blue', title: 'Blue mug for Jenny', quantity: 2, unitPriceMinor: 1_999 };
const shipTo = {
  name: 'Jenny Rosen',
  street: '510 Townsend St',
  city: 'San Francisco',
  postalCode: '94103',
  country: 'us',
};
const order = (changes: object = {}) => ({
  type: 'order.placed',
  timestamp: NOW,
  data: {
    ...{ orderId: 'order_789', customer: { email: 'Jenny@Example.com', accountId: 'cus_1' }, paymentMethodId: 'pm_1' },
    ...{ shipTo, lines: [mug], amountMinor: 4_997, currency: 'usd' },
    ...changes,
  },
});
const refund = (changes: object = {}) => ({
  type: 'refund.requested',
  timestamp: NOW,
  data: {
    ...{ refundId: 'refund_1', orderId: 'order_789', customer: { email: 'jenny@example.com' }, currency: 'usd' },
    ...changes,
  },
});
const stock = (changes: object = {}) => ({
  type: 'stock.received',
  timestamp: NOW,
  data: { sku: 'mug-blue', receiptId: 'receipt_1', quantity: 100, ...changes },
});

function deliver(body: object): Triage {
  const triage = new Triage();
  triage.deliver(delivered('d1', body, shop));
  return triage;
}

const outcomesOf = (triage: Triage): string[] => triage.of('delivery-d1').map(([name]) => name);

describe('what a shop tells', () => {
  it('of an order becomes OrderPlaced, whose customer is the same person as in a ticket', () => {
    const [placed] = deliver(order()).all(OrderPlaced);
    expect(placed).toMatchObject({
      ...{ orderId: 'order_789', source: 'shop', accountId: 'cus_1', paymentMethodId: 'pm_1', country: 'US' },
      ...{ amountMinor: 4_997, currency: 'USD', placedAt: Date.parse(NOW), region: null },
      lines: [{ sku: 'mug-blue', quantity: 2, unitPriceMinor: 1_999 }],
      itemsText: '2 × Blue mug for Jenny',
    });
    const other = deliver(order({ customer: { email: 'jenny@example.com', accountId: 'cus_1' } })).all(OrderPlaced)[0];
    expect(placed!.customerId).toBe(other!.customerId);
  });

  it('of an order stays readable only where it names nobody', () => {
    const readable = deliver(order()).readable();
    for (const personal of ['Jenny', 'jenny', 'Townsend', '94103', 'San Francisco']) {
      expect(readable).not.toContain(personal);
    }
  });

  it('of a refund becomes RefundRequested, of all that is left when it names no amount', () => {
    expect(deliver(refund()).all(RefundRequested)[0]).toMatchObject({ amountMinor: null, reason: 'other' });
    expect(deliver(refund({ amountMinor: 500, reason: 'Damaged' })).all(RefundRequested)[0]).toMatchObject({
      ...{ refundId: 'refund_1', orderId: 'order_789', amountMinor: 500, currency: 'USD', reason: 'damaged' },
    });
    expect(deliver(refund({ reason: 'Jenny broke it' })).all(RefundRequested)[0]).toMatchObject({ reason: 'other' });
  });

  it('of stock becomes a command to receive it', () => {
    expect(deliver(stock()).all(ReceiveStock)).toEqual([
      { sku: 'mug-blue', receiptId: 'receipt_1', quantity: 100, receivedAt: Date.parse(NOW) },
    ]);
  });

  it.each<[string, object]>([
    ['an order without an e-mail address', order({ customer: { accountId: 'cus_1' } })],
    ['an order without a means of payment', order({ paymentMethodId: undefined })],
    ['an order of nothing', order({ lines: [] })],
    ['an order with a line that is none', order({ lines: ['mug-blue'] })],
    ['an order that names an article twice', order({ lines: [mug, mug] })],
    ['an order of no pieces', order({ lines: [{ ...mug, quantity: 0 }] })],
    ['an order of half a piece', order({ lines: [{ ...mug, quantity: 0.5 }] })],
    ['an order for nothing', order({ amountMinor: 0 })],
    ['an order that is sent nowhere', order({ shipTo: {} })],
    ['an order in no currency', order({ currency: 'dollars' })],
    ['a refund of less than nothing', refund({ amountMinor: -5 })],
    ['a refund of no order', refund({ orderId: undefined })],
    ['stock of no pieces', stock({ quantity: 0 })],
  ])('%s is refused and lost nowhere', (_what, body) => {
    expect(outcomesOf(deliver(body))).toEqual(['DeliveryRefused', 'DeliveryBytesKept']);
  });

  it('of something else is kept as unrouted', () => {
    expect(outcomesOf(deliver({ type: 'order.viewed', data: {} }))[0]).toBe('DeliveryUnrouted');
  });

  it('of any JSON ends in one outcome and names nobody readable', () => {
    const keys = ['type', 'data', 'customer', 'email', 'lines', 'sku', 'orderId', 'quantity', 'shipTo', 'currency'];
    const types = ['order.placed', 'refund.requested', 'stock.received'];
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(...types, 'Jenny Rosen', 'a@b', 'USD', 5, null, true),
        tie('object'),
        fc.array(tie('object'), { maxLength: 2 }),
      ),
      object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6 }),
    })).object;
    fc.assert(
      fc.property(json, (body) => {
        const triage = deliver(body);
        expect(outcomesOf(triage).filter((name) => name !== 'DeliveryBytesKept')).toHaveLength(1);
        expect(triage.readable()).not.toContain('Jenny');
      }),
      { numRuns: 300 },
    );
  });
});

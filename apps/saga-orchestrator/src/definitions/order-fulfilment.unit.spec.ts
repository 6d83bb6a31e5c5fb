import { InventoryReleased } from '@towpath/contracts/commerce/InventoryReleased.v1';
import { InventoryReserved } from '@towpath/contracts/commerce/InventoryReserved.v1';
import { InventoryUnavailable } from '@towpath/contracts/commerce/InventoryUnavailable.v1';
import { ReleaseInventory } from '@towpath/contracts/commerce/ReleaseInventory.v1';
import { ReserveInventory } from '@towpath/contracts/commerce/ReserveInventory.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import { BookShipment } from '@towpath/contracts/shipping/BookShipment.v1';
import { orderFulfilment } from './order-fulfilment.saga.js';
import { confirmed, NOON, refused, storyOf, type Answers, type Story } from './told-story.fixture.js';

const order: OrderPlaced = {
  ...{ orderId: 'order_789', source: 'shop', customerId: 'contact_1', accountId: 'cus_1', paymentMethodId: 'pm_1' },
  ...{ email: 'ada@example.com', name: 'Ada Example', street: '1 Canal Street', city: 'Hebden', postalCode: 'HX7' },
  ...{ region: null, country: 'GB', lines: [{ sku: 'mug', quantity: 2, unitPriceMinor: 4_999 }], itemsText: '2 × Mug' },
  ...{ amountMinor: 9_999, currency: 'EUR', placedAt: NOON },
};
const reservation = { orderId: 'order_789', reservationId: 'res_order_789', lines: [{ sku: 'mug', quantity: 2 }] };

const everybodyDoes: Answers = {
  [ChargeCard.type]: confirmed(ChargeCard.type, 'stripe', 'pi_1'),
  [ReserveInventory.type]: () => ({
    contract: InventoryReserved,
    data: { ...reservation, repeated: false, reservedAt: NOON },
  }),
  [ReleaseInventory.type]: () => ({
    contract: InventoryReleased,
    data: { ...reservation, reason: 'spec', releasedAt: NOON },
  }),
};

function fulfilled(over: Answers = {}): Story {
  const start = { contract: OrderPlaced, data: order, key: 'order_789' };
  return storyOf(orderFulfilment, start, { ...everybodyDoes, ...over });
}

describe('order fulfilment', () => {
  it('charges, keeps the pieces, books the parcel and at last tells the customer', () => {
    const { names, asked, ends } = fulfilled();
    expect(names).toEqual(['ChargeCard', 'ReserveInventory', 'BookShipment', 'SendMail']);
    expect(ends).toEqual(['completed']);
    expect(asked[0]!.data).toMatchObject({ chargeRef: 'order_789', paymentMethodId: 'pm_1', amountMinor: 9_999 });
    expect(asked[1]!.data).toEqual(reservation);
    expect(asked[2]!.data).toMatchObject({
      shipmentId: 'order_789',
      street: '1 Canal Street',
      lines: reservation.lines,
    });
    expect(asked[3]!.data).toMatchObject({ recipientId: 'contact_1', to: 'ada@example.com' });
    expect(asked[3]!.data['text']).toContain('99.99 EUR');
    expect(asked[3]!.data['text']).toContain('2 × Mug');
  });

  it('takes back the pieces and then the charge when the carrier times out, and writes to nobody', () => {
    const { names, asked, ends } = fulfilled({ [BookShipment.type]: refused(BookShipment.type, 'CARRIER_TIMEOUT') });
    expect(names).toEqual(['ChargeCard', 'ReserveInventory', 'BookShipment', 'ReleaseInventory', 'RefundCharge']);
    expect(asked.at(-1)!.data).toMatchObject({ chargeRef: 'order_789', paymentId: 'pi_1', amountMinor: 9_999 });
    expect(ends).toEqual(['compensated']);
  });

  it('takes back the charge when there is too little stock', () => {
    const missing = [{ sku: 'mug', wanted: 2, available: 1 }];
    const { orderId, reservationId } = reservation;
    const soldOut = { orderId, reservationId, code: 'OUT_OF_STOCK', missing, refusedAt: NOON };
    const { names, ends } = fulfilled({
      [ReserveInventory.type]: () => ({ contract: InventoryUnavailable, data: soldOut }),
    });
    expect(names).toEqual(['ChargeCard', 'ReserveInventory', 'RefundCharge']);
    expect(ends).toEqual(['compensated']);
  });

  it('asks for nothing more when the card is declined', () => {
    const { names, ends } = fulfilled({ [ChargeCard.type]: refused(ChargeCard.type, 'insufficient_funds') });
    expect(names).toEqual(['ChargeCard']);
    expect(ends).toEqual(['compensated']);
  });

  it('is a question for a person when the charge can not be taken back', () => {
    const { ends } = fulfilled({
      [BookShipment.type]: refused(BookShipment.type),
      [RefundCharge.type]: refused(RefundCharge.type),
    });
    expect(ends).toEqual(['needs_human']);
  });

  it('calls no parcel back because the mail could not be sent', () => {
    const { names, ends } = fulfilled({ [SendMail.type]: refused(SendMail.type, 'MAIL_REFUSED') });
    expect(names.at(-1)).toBe('SendMail');
    expect(ends).toEqual(['completed']);
  });
});

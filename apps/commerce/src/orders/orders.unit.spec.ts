import { OrderPaid } from '@towpath/contracts/commerce/OrderPaid.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { OrderCanceled } from '@towpath/contracts/orders/OrderCanceled.v1';
import { OrderEndDue } from '@towpath/contracts/orders/OrderEndDue.v1';
import { OrderOpened } from '@towpath/contracts/orders/OrderOpened.v1';
import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { CommerceWorld, NOON } from '../commerce-world.fixture.js';
import { NoteCharge } from '../refunds/note-charge.handler.js';
import { EndOrder } from './end-order.handler.js';
import { HearFulfilmentEnd } from './hear-fulfilment-end.handler.js';
import { OpenOrder } from './open-order.handler.js';
import type { OrderReader } from './order-reader.js';
import { purchase } from './purchase.js';

const order: OrderPlaced = {
  ...{ orderId: 'order_1', source: 'shop', customerId: 'contact_1', accountId: 'cus_1', paymentMethodId: 'pm_1' },
  ...{ email: 'ada@example.com', name: 'Ada Example', street: '1 Canal Street', city: 'Hebden', postalCode: 'HX7' },
  ...{ region: null, country: 'GB', lines: [{ sku: 'mug', quantity: 1, unitPriceMinor: 4_999 }], itemsText: '1 × Mug' },
  ...{ amountMinor: 4_999, currency: 'EUR', placedAt: NOON },
};

class Shop extends CommerceWorld {
  placed(over: Partial<OrderPlaced> = {}): this {
    return this.receive(new OpenOrder(), OrderPlaced, { ...order, ...over });
  }

  charged(): this {
    return this.receive(new NoteCharge(), EffectConfirmed, {
      ...{ effectId: 'e', action: ChargeCard.type, provider: 'stripe', subjectId: 'order_1', accountId: 'cus_1' },
      ...{
        idempotencyKey: 'k',
        providerReference: 'pi_1',
        attempts: 1,
        confirmedAt: NOON,
        dryRun: false,
        commandId: null,
      },
    });
  }

  /** The saga ends, and what is due of it is done at once. */
  ended(outcome: string, definition = 'order-fulfilment'): this {
    this.receive(new HearFulfilmentEnd(), SagaEnded, {
      ...{
        sagaId: 's',
        definition,
        key: 'order_1',
        outcome,
        code: 'CARRIER_TIMEOUT',
        reason: 'spec',
        failedStep: null,
      },
      endedAt: NOON + 1,
    });
    for (const { data } of this.due.splice(0)) {
      const opened = this.of(purchase, 'order_1').order ? this.last(OrderOpened)! : null;
      const found = opened && { email: opened.email, name: opened.name, itemsText: opened.itemsText };
      this.work(new EndOrder({} as OrderReader), OrderEndDue, { data: data as OrderEndDue, found });
    }
    return this;
  }
}

describe('an order', () => {
  it('is opened once, and its state holds nothing that tells who ordered', () => {
    const world = new Shop().placed().placed({ amountMinor: 1 });
    expect(world.names()).toEqual(['OrderOpened']);
    expect(JSON.stringify(world.of(purchase, 'order_1'))).not.toMatch(/ada|Ada|Mug/);
  });

  it('that was fulfilled is a completed purchase of what was paid for it, once', () => {
    const world = new Shop().placed().charged().ended('completed').ended('completed');
    expect(world.names()).toEqual(['OrderOpened', 'OrderCharged', 'PurchaseCompleted', 'OrderPaid']);
    expect(world.last(PurchaseCompleted)).toMatchObject({
      ...{ orderId: 'order_1', email: 'ada@example.com', paymentId: 'pi_1', amountMinor: 4_999 },
      completedAt: NOON + 1,
    });
    expect(world.last(OrderPaid)).toMatchObject({ orderId: 'order_1', amountMinor: 4_999, currency: 'EUR' });
  });

  it('that was undone is canceled, and nothing of it is paid', () => {
    const world = new Shop().placed().charged().ended('compensated');
    expect(world.last(OrderCanceled)).toMatchObject({ orderId: 'order_1', reason: 'CARRIER_TIMEOUT' });
    expect(world.all(OrderPaid)).toEqual([]);
  });

  it('that waits for a person has not ended', () => {
    const world = new Shop().placed().ended('needs_human');
    expect(world.names()).toEqual(['OrderOpened']);
    expect(world.ended('completed').last(PurchaseCompleted)).toMatchObject({ orderId: 'order_1' });
  });

  it('whose end is heard before itself is told as ended when it comes', () => {
    const world = new Shop().charged().ended('completed');
    expect(world.names()).toEqual(['OrderCharged', 'OrderEndNoted']);
    world.placed();
    expect(world.last(PurchaseCompleted)).toMatchObject({ paymentId: 'pi_1', email: 'ada@example.com' });
    expect(world.last(OrderPaid)).toMatchObject({ amountMinor: 4_999 });
  });

  it('is not ended by a saga of something else', () => {
    expect(new Shop().placed().ended('completed', 'refund').names()).toEqual(['OrderOpened']);
  });
});

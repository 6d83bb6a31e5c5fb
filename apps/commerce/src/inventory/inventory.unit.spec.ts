import { InventoryReleased } from '@towpath/contracts/commerce/InventoryReleased.v1';
import { InventoryReserved } from '@towpath/contracts/commerce/InventoryReserved.v1';
import { InventoryTaken } from '@towpath/contracts/commerce/InventoryTaken.v1';
import { InventoryUnavailable } from '@towpath/contracts/commerce/InventoryUnavailable.v1';
import { ReceiveStock } from '@towpath/contracts/commerce/ReceiveStock.v1';
import { ReleaseInventory } from '@towpath/contracts/commerce/ReleaseInventory.v1';
import { ReserveInventory } from '@towpath/contracts/commerce/ReserveInventory.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import fc from 'fast-check';
import { CommerceWorld, NOON } from '../commerce-world.fixture.js';
import { ReceiveStockHandler } from './receive-stock.handler.js';
import { ReleaseInventoryHandler } from './release-inventory.handler.js';
import { ReserveInventoryHandler } from './reserve-inventory.handler.js';
import type { StockLine } from './stock-lines.js';
import { stock } from './stock.projection.js';
import { TakeInventory } from './take-inventory.handler.js';

const mugs = (quantity: number): StockLine[] => [{ sku: 'mug', quantity }];

class Warehouse extends CommerceWorld {
  stocked(quantity: number, sku = 'mug', receiptId = `receipt-${sku}`): this {
    return this.receive(new ReceiveStockHandler(), ReceiveStock, { sku, receiptId, quantity, receivedAt: NOON });
  }

  reserve(orderId: string, lines: StockLine[], reservationId = `res_${orderId}`): this {
    return this.receive(new ReserveInventoryHandler(), ReserveInventory, { orderId, reservationId, lines });
  }

  release(orderId: string): this {
    const command = { orderId, reservationId: `res_${orderId}`, reason: 'spec' };
    return this.receive(new ReleaseInventoryHandler(), ReleaseInventory, command);
  }

  bought(orderId: string): this {
    return this.receive(new TakeInventory(), PurchaseCompleted, {
      ...{ orderId, customerId: 'contact_1', accountId: 'cus_1', email: '', name: '', lines: [], itemsText: '' },
      ...{ amountMinor: 1, currency: 'EUR', paymentId: null, placedAt: NOON, completedAt: NOON },
    });
  }

  get mugs() {
    return this.row(stock, 'mug');
  }
}

describe('stock', () => {
  it('that came in counts once, however often the shop tells of the receipt', () => {
    expect(new Warehouse().stocked(5).stocked(5).mugs).toEqual({ onHand: 5, reserved: 0 });
    expect(new Warehouse().stocked(5).stocked(5, 'mug', 'another').mugs).toEqual({ onHand: 10, reserved: 0 });
  });
});

describe('a reservation', () => {
  it('keeps the pieces of one order and leaves the rest to others', () => {
    const world = new Warehouse().stocked(3).reserve('a', mugs(2));
    expect(world.last(InventoryReserved)).toMatchObject({ orderId: 'a', lines: mugs(2), repeated: false });
    expect(world.mugs).toEqual({ onHand: 3, reserved: 2 });

    world.reserve('b', mugs(2));
    expect(world.last(InventoryUnavailable)).toMatchObject({
      ...{ orderId: 'b', code: 'OUT_OF_STOCK' },
      missing: [{ sku: 'mug', wanted: 2, available: 1 }],
    });
    expect(world.mugs).toEqual({ onHand: 3, reserved: 2 });
  });

  it('keeps all articles of an order or none', () => {
    const world = new Warehouse().stocked(3).reserve('a', [...mugs(1), { sku: 'teapot', quantity: 1 }]);
    expect(world.last(InventoryUnavailable)).toMatchObject({ missing: [{ sku: 'teapot', wanted: 1, available: 0 }] });
    expect(world.mugs).toEqual({ onHand: 3, reserved: 0 });
  });

  it('is answered as before when it is asked for again, and keeps nothing more', () => {
    const world = new Warehouse().stocked(3).reserve('a', mugs(2)).reserve('a', mugs(2), 'other');
    expect(world.last(InventoryReserved)).toMatchObject({ reservationId: 'res_a', repeated: true });
    expect(world.mugs).toEqual({ onHand: 3, reserved: 2 });
  });

  it('of other pieces under the same order is refused', () => {
    const world = new Warehouse().stocked(3).reserve('a', mugs(2)).reserve('a', mugs(1));
    expect(world.last(InventoryUnavailable)).toMatchObject({ code: 'RESERVATION_DIFFERS' });
  });

  it('counts an article that is named twice with all its pieces', () => {
    const world = new Warehouse().stocked(3).reserve('a', [...mugs(2), ...mugs(2)]);
    expect(world.last(InventoryUnavailable)).toMatchObject({ missing: [{ sku: 'mug', wanted: 4, available: 3 }] });
  });

  it.each([[[]], [mugs(0)], [[...mugs(2), ...mugs(-1)]]])('of no pieces is refused: %j', (lines) => {
    const world = new Warehouse().stocked(3).reserve('a', lines);
    expect(world.last(InventoryUnavailable)).toMatchObject({ code: 'LINES_INVALID' });
  });

  it('that was out of stock can be tried again once there is some', () => {
    const world = new Warehouse().reserve('a', mugs(1)).stocked(1).reserve('a', mugs(1));
    expect(world.last(InventoryReserved)).toMatchObject({ orderId: 'a', repeated: false });
  });

  it('that is released gives its pieces back, once', () => {
    const world = new Warehouse().stocked(3).reserve('a', mugs(2)).release('a').release('a');
    expect(world.all(InventoryReleased).map(({ lines }) => lines)).toEqual([mugs(2), []]);
    expect(world.mugs).toEqual({ onHand: 3, reserved: 0 });
  });

  it('that is released before it was made is never made', () => {
    const world = new Warehouse().stocked(3).release('a').reserve('a', mugs(2));
    expect(world.last(InventoryReleased)).toMatchObject({ orderId: 'a', lines: [] });
    expect(world.last(InventoryUnavailable)).toMatchObject({ code: 'RESERVATION_RELEASED' });
    expect(world.mugs).toEqual({ onHand: 3, reserved: 0 });
  });

  it('of a purchase leaves the warehouse, once, and no release brings it back', () => {
    const world = new Warehouse().stocked(3).reserve('a', mugs(2)).bought('a').bought('a').release('a');
    expect(world.all(InventoryTaken)).toHaveLength(1);
    expect(world.mugs).toEqual({ onHand: 1, reserved: 0 });
  });

  it('never keeps more than there is, and never loses a piece, whatever comes in which order', () => {
    const order = fc.constantFrom('a', 'b', 'c', 'd');
    const act = fc.oneof(
      fc.tuple(fc.constant('reserve' as const), order, fc.integer({ min: 1, max: 4 })),
      fc.tuple(fc.constantFrom('release' as const, 'bought' as const), order, fc.constant(0)),
      fc.tuple(fc.constant('stocked' as const), fc.constant('mug'), fc.integer({ min: 1, max: 3 })),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const world = new Warehouse();
        acts.forEach(([kind, about, quantity], index) => {
          if (kind === 'reserve') world.reserve(about, mugs(quantity));
          else if (kind === 'stocked') world.stocked(quantity, 'mug', `r${index}`);
          else world[kind](about);
          const { onHand, reserved } = world.mugs ?? { onHand: 0, reserved: 0 };
          expect(reserved).toBeGreaterThanOrEqual(0);
          expect(onHand).toBeGreaterThanOrEqual(reserved);
        });
        const came = acts.reduce((sum, [kind, , quantity]) => (kind === 'stocked' ? sum + quantity : sum), 0);
        const left = world.all(InventoryTaken).reduce((sum, { lines }) => sum + lines[0]!.quantity, 0);
        expect(world.mugs?.onHand ?? 0).toBe(came - left);
      }),
    );
  });
});

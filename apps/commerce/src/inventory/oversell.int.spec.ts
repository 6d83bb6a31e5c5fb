import { InventoryReserved } from '@towpath/contracts/commerce/InventoryReserved.v1';
import { InventoryUnavailable } from '@towpath/contracts/commerce/InventoryUnavailable.v1';
import { ReceiveStock } from '@towpath/contracts/commerce/ReceiveStock.v1';
import { ReserveInventory } from '@towpath/contracts/commerce/ReserveInventory.v1';
import { rowKey } from '@towpath/event-store/types';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { brokers, silent, until } from '@towpath/kafka/testing/broker-fixture';
import { createSpecService, type SpecService } from '@towpath/service-kit/consuming.fixture';
import { ReceiveStockHandler } from './receive-stock.handler.js';
import { receipts } from './receipts.js';
import { reservation } from './reservation.js';
import { ReserveInventoryHandler } from './reserve-inventory.handler.js';
import { stock, type Stock } from './stock.projection.js';

const ORDERS = 1_000;
const ITEMS = 100;
const DEADLINE_MS = 60_000;

let service: SpecService;
let producer: Producer;

beforeAll(async () => {
  const handlers = [ReceiveStockHandler, ReserveInventoryHandler];
  service = await createSpecService('commerce', {
    handlers,
    aggregates: [receipts, reservation],
    projections: [stock],
  });
  producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
}, 120_000);
afterAll(async () => {
  await producer?.close();
  await service?.close();
});

const orders = Array.from({ length: ORDERS }, (_, index) => `order_${index}`);

/** The wish of one order for one mug, under an id of its own. */
const wish = (orderId: string, id = `wish-${orderId}`) =>
  service.record(ReserveInventory, id, {
    orderId,
    reservationId: `res_${orderId}`,
    lines: [{ sku: 'mug', quantity: 1 }],
  });

async function ofType(type: string) {
  return (await service.events()).filter((event) => event.type === type).map(({ data }) => data);
}

async function mugs(): Promise<Stock> {
  const ref = stock.at('mug');
  const { rows } = await service.store.loadGroup({ consumer: 'spec', ids: [], streams: [], rows: [ref] });
  return rows.get(rowKey(ref))!.state as Stock;
}

describe('inventory on Kafka and Postgres', () => {
  it('sells exactly 100 items to 1,000 orders that come at once, over two replicas', async () => {
    await Promise.all([service.start(), service.start()]);
    const receipt = { sku: 'mug', receiptId: 'receipt_1', quantity: ITEMS, receivedAt: 0 };
    await producer.send([service.record(ReceiveStock, 'receipt', receipt)]);
    await until('the stock is there', async () => (await service.events()).length === 1);

    await Promise.all(orders.map((orderId) => producer.send([wish(orderId)])));
    await until('every order is answered', async () => (await service.events()).length > ORDERS, DEADLINE_MS);

    const sold = await ofType(InventoryReserved.type);
    expect(sold).toHaveLength(ITEMS);
    expect(new Set(sold.map(({ orderId }) => orderId)).size).toBe(ITEMS);
    const refused = await ofType(InventoryUnavailable.type);
    expect(refused).toHaveLength(ORDERS - ITEMS);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['OUT_OF_STOCK']));
    expect(await mugs()).toEqual({ onHand: ITEMS, reserved: ITEMS });
    expect(service.fatal).toEqual([]);
  }, 120_000);

  it('keeps nothing twice when all of them ask again', async () => {
    const before = (await service.events()).length;
    await Promise.all(orders.map((orderId) => producer.send([wish(orderId, `again-${orderId}`)])));
    await until(
      'every order is answered again',
      async () => (await service.events()).length === before + ORDERS,
      DEADLINE_MS,
    );

    const sold = await ofType(InventoryReserved.type);
    expect(sold.filter(({ repeated }) => repeated === false)).toHaveLength(ITEMS);
    expect(sold.filter(({ repeated }) => repeated === true)).toHaveLength(ITEMS);
    expect(await mugs()).toEqual({ onHand: ITEMS, reserved: ITEMS });
  }, 120_000);
});

import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { Deliveries } from '@towpath/testing/deliveries';
import { effectsOf, lettersTo, type SeenEffect } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { orderPlacedBody, stockReceivedBody } from '@towpath/testing/shop-bodies';
import { untilEnough } from '@towpath/testing/until';

const ORDERS = 1_000;
const ITEMS = 100;
const PRICE_MINOR = 4_999;
const SEEN_MS_MAX = 30_000;
const END_MS_MAX = 120_000;

jest.setTimeout(END_MS_MAX + 60_000);

const run = `rush${randomBytes(4).toString('hex')}`;
const SKU = `mug-${run}`;
const orders = Array.from({ length: ORDERS }, (_, place) => `${run}-${place}`);
let platform: TestPlatform;
let sandbox: Sandbox;

beforeAll(async () => {
  platform = await attachPlatform();
  sandbox = new Sandbox(platform);
  // Two hundred letters at the five a second of a real mail server would be all that this waits for.
  await platform.service('egress').stop();
  await platform.service('egress').start({ SMTP_CALLS_PER_SECOND: '100' });
  const deliveries = new Deliveries(platform);
  const stock = stockReceivedBody({ sku: SKU, receiptId: `receipt-${run}`, quantity: ITEMS });
  await deliveries.sendUntilTaken('shop', stock, `${run}-stock`);
  expect(await untilEnough(stocked, (row) => row !== undefined, SEEN_MS_MAX)).toEqual({ onHand: ITEMS, reserved: 0 });

  const beganAt = performance.now();
  const bodies = orders.map((orderId) => orderPlacedBody({ orderId, sku: SKU, amountMinor: PRICE_MINOR }));
  await Promise.all(bodies.map((body, place) => deliveries.sendUntilTaken('shop', body, orders[place]!)));
  const takenMs = performance.now() - beganAt;
  await untilEnough(ends, (all) => all.length >= ORDERS, END_MS_MAX, 500);
  const endedMs = performance.now() - beganAt;
  console.log(`${ORDERS} orders taken in ${(takenMs / 1000).toFixed(1)} s, ended in ${(endedMs / 1000).toFixed(1)} s`);
}, ATTACH_MS_MAX + END_MS_MAX);

afterAll(async () => {
  await platform?.service('egress').stop();
  await platform?.service('egress').start();
  await platform?.release();
}, 60_000);

const stocked = () => platform.inspector.projectionRow('commerce', 'stock', SKU);

/** The ends of this run's orders, as their sagas tell them. */
async function ends(): Promise<{ key: string; outcome: string; code: string | null }[]> {
  const rows = await platform.inspector.query<{ data: { key: string; outcome: string; code: string | null } }>(
    `select data from saga_orchestrator.events where type = 'sagas.v1.SagaEnded' and starts_with(data ->> 'key', $1)`,
    [`${run}-`],
  );
  return rows.map(({ data }) => data);
}

async function ordersOf(outcome: string): Promise<string[]> {
  const all = await ends();
  return all.flatMap((end) => (end.outcome === outcome ? [end.key] : [])).sort();
}

/** What the payment provider did to this run's orders, by order. */
function money(): Map<string, SeenEffect[]> {
  const all = effectsOf(platform.home, 'pi_');
  const charges = all.filter(({ action, metadata }) => action === 'charge' && orderOf(metadata).startsWith(`${run}-`));
  return new Map(
    charges.map(({ subject, metadata }) => [orderOf(metadata), all.filter((effect) => effect.subject === subject)]),
  );
}

const orderOf = (metadata: SeenEffect['metadata']): string => metadata['towpath_charge_ref'] ?? '';

describe(`${ORDERS} orders that come at once for ${ITEMS} items`, () => {
  it(`all end: ${ITEMS} completed, the others compensated, and nobody is asked`, async () => {
    const all = await ends();
    expect(all).toHaveLength(ORDERS);
    expect(new Set(all.map(({ key }) => key)).size).toBe(ORDERS);
    expect(await ordersOf('completed')).toHaveLength(ITEMS);
    expect(await ordersOf('compensated')).toHaveLength(ORDERS - ITEMS);
    const open = await platform.inspector.query(
      `select key from saga_orchestrator.projections where name = 'open-sagas' and starts_with(state ->> 'key', $1)`,
      [`${run}-`],
    );
    expect(open).toEqual([]);
  });

  it(`leave the money of ${ITEMS} at the provider: those that got nothing have all of theirs back, and nobody paid twice`, async () => {
    const paid = money();
    expect(paid.size).toBe(ORDERS);
    const kept = [...paid].flatMap(([orderId, effects]) => (effects.length === 1 ? [orderId] : [])).sort();
    expect(kept).toEqual(await ordersOf('completed'));
    for (const [orderId, effects] of paid) {
      const wanted = kept.includes(orderId) ? ['charge'] : ['charge', 'refund'];
      expect([orderId, effects.map(({ action }) => action)]).toEqual([orderId, wanted]);
      expect(effects.every(({ amount }) => amount === PRICE_MINOR)).toBe(true);
    }
  });

  it(`empty the warehouse of exactly ${ITEMS} pieces, in as many parcels, each with its letter`, async () => {
    const sold = await ordersOf('completed');
    const left = await untilEnough(stocked, (row) => (row as { onHand: number }).onHand === 0, SEEN_MS_MAX);
    expect(left).toEqual({ onHand: 0, reserved: 0 });
    const parcels = (await sandbox.acts('carrier')).filter(({ subject }) => subject.startsWith(`${run}-`));
    expect(parcels.map(({ action, subject }) => `${action} ${subject}`).sort()).toEqual(
      sold.map((orderId) => `ship ${orderId}`),
    );
    const told = lettersTo(platform.home, `${run}-`).filter(({ body }) => body.subject?.includes('is on its way'));
    expect(told.map(({ subject }) => subject.replace('@shop.example', '')).sort()).toEqual(sold);
  });
});

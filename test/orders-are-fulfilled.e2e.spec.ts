import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import pg from 'pg';
import { runCli } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { kill } from '@towpath/testing/kills';
import { lettersTo } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { orderPlacedBody, refundRequestedBody, stockReceivedBody } from '@towpath/testing/shop-bodies';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 60_000;

jest.setTimeout(180_000);

const run = `shop${randomBytes(4).toString('hex')}`;
const SKU = `mug-${run}`;
let platform: TestPlatform;
let deliveries: Deliveries;
let sandbox: Sandbox;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  sandbox = new Sandbox(platform);
  await send(stockReceivedBody({ sku: SKU, receiptId: `receipt-${run}`, quantity: 100 }));
  expect(await dataOf('commerce', 'commerce.v1.StockReceived', 'sku', SKU)).toHaveLength(1);
}, ATTACH_MS_MAX);

afterAll(async () => {
  await sandbox?.behave();
  await platform?.release();
});

let sent = 0;
async function send(body: string): Promise<void> {
  sent += 1;
  expect(await deliveries.sendTo('shop', body, `${run}-${sent}`)).toBe(202);
}

const place = (orderId: string): Promise<void> => send(orderPlacedBody({ orderId, sku: SKU }));

/** Events of a store that name this, once there are any. */
async function dataOf(store: string, type: string, field: string, value: string): Promise<Record<string, unknown>[]> {
  const look = () =>
    platform.inspector.query<{ data: Record<string, unknown> }>(
      `select data from ${store}.events where type = $1 and data ->> '${field}' = $2 order by position`,
      [type, value],
    );
  const rows = await untilEnough(look, ({ length }) => length > 0, SEEN_MS_MAX);
  return rows.map(({ data }) => data);
}

const endOf = (key: string) => dataOf('saga_orchestrator', 'sagas.v1.SagaEnded', 'key', key);
const commerce = (name: string, orderId: string) => dataOf('commerce', name, 'orderId', orderId);

/** Makes growth's store refuse the note of thanks for an order, until the answer is called. */
async function breakNotesOf(orderId: string): Promise<() => Promise<void>> {
  const database = new pg.Client({ connectionString: platform.around.stack.ADMIN_DATABASE_URL });
  await database.connect();
  const name = pg.escapeIdentifier(`no_thanks_${orderId}`);
  const isNote = `type = 'growth.v1.ThankYouNoteSent' and data ->> 'orderId' = ${pg.escapeLiteral(orderId)}`;
  await database.query(`alter table growth.events add constraint ${name} check (not (${isNote})) not valid`);
  return async () => {
    await database.query(`alter table growth.events drop constraint ${name}`);
    await database.end();
  };
}

/** The id of the event that tells of the purchase. */
async function purchaseOf(orderId: string): Promise<string> {
  const [row] = await platform.inspector.query<{ id: string }>(
    `select id::text from commerce.events where type = 'orders.v1.PurchaseCompleted' and data ->> 'orderId' = $1`,
    [orderId],
  );
  return row!.id;
}

interface DeadLetter {
  readonly deadLetterId: string;
  readonly handler: string;
  readonly originEventId: string;
}

/** Dead letters of an event, in whichever service's store. */
async function deadLettersOf(eventId: string): Promise<(DeadLetter & { readonly service: string })[]> {
  const events = await platform.inspector.recent({ type: 'platform.v1.DeadLettered', limit: 1_000 });
  const letters = events.map(({ data, schema }) => ({ ...(data as DeadLetter), service: schema }));
  return letters.filter(({ originEventId }) => originEventId === eventId);
}

describe('an order', () => {
  it('is charged, kept, shipped and confirmed, and heard of by fraud and by inventory', async () => {
    const orderId = `${run}-good`;
    await place(orderId);

    expect(await endOf(orderId)).toMatchObject([{ definition: 'order-fulfilment', outcome: 'completed' }]);
    const [purchase] = await commerce('orders.v1.PurchaseCompleted', orderId);
    expect(purchase).toMatchObject({ orderId, amountMinor: 4_999, currency: 'EUR' });
    // Nobody reads the customer's address from the store.
    expect(JSON.stringify(purchase)).not.toContain('@');
    expect(await commerce('commerce.v1.InventoryTaken', orderId)).toHaveLength(1);
    expect(await dataOf('fraud', 'fraud.v1.PurchaseNoted', 'orderId', orderId)).toHaveLength(1);
    const acts = await sandbox.acts();
    const mails = acts.filter(({ provider, body }) => provider === 'smtp' && JSON.stringify(body).includes(orderId));
    expect(mails).toHaveLength(1);
    expect(acts.filter(({ action, subject }) => action === 'ship' && subject === orderId)).toHaveLength(1);
  });

  it('whose carrier refuses is undone in reverse: its pieces are free and its money is back', async () => {
    const orderId = `${run}-unshipped`;
    await sandbox.behave({
      ...{ action: 'carrier/ship', match: orderId, failNext: 50, failStatus: 422 },
      failMessage: 'Carrier API timeout',
    });
    await place(orderId);

    expect(await endOf(orderId)).toMatchObject([{ outcome: 'compensated', failedStep: 'ship' }]);
    expect(await commerce('commerce.v1.InventoryReleased', orderId)).toMatchObject([
      { lines: [{ sku: SKU, quantity: 1 }] },
    ]);
    expect(await commerce('orders.v1.OrderCanceled', orderId)).toHaveLength(1);
    expect(await dataOf('egress', 'egress.v1.EffectConfirmed', 'action', 'payments.v1.RefundCharge')).not.toEqual([]);
  });

  it('is fulfilled and leaves the warehouse while fraud is down, which hears of it when it is back', async () => {
    const orderId = `${run}-unheard`;
    const fraud = platform.service('fraud');
    await kill(fraud);
    try {
      await place(orderId);
      expect(await endOf(orderId)).toMatchObject([{ outcome: 'completed' }]);
      expect(await commerce('commerce.v1.InventoryTaken', orderId)).toHaveLength(1);
    } finally {
      await fraud.launch();
      await fraud.ready(SEEN_MS_MAX);
    }
    expect(await dataOf('fraud', 'fraud.v1.PurchaseNoted', 'orderId', orderId)).toHaveLength(1);
  });

  it('is heard of by fraud and leaves the warehouse though its note of thanks fails for good, which goes out once that is mended', async () => {
    const orderId = `${run}-unthanked`;
    const mend = await breakNotesOf(orderId);
    try {
      await place(orderId);
      expect(await endOf(orderId)).toMatchObject([{ outcome: 'completed' }]);
      expect(await commerce('commerce.v1.InventoryTaken', orderId)).toHaveLength(1);
      expect(await dataOf('fraud', 'fraud.v1.PurchaseNoted', 'orderId', orderId)).toHaveLength(1);
      await dataOf('growth', 'platform.v1.DeadLettered', 'originEventId', await purchaseOf(orderId));
    } finally {
      await mend();
    }
    const letters = await deadLettersOf(await purchaseOf(orderId));
    expect(letters).toMatchObject([{ service: 'growth', handler: 'ThankCustomer' }]);

    const words = ['dlq', 'redrive', letters[0]!.deadLetterId, '--reason', 'the store takes notes again', '--yes'];
    const redriven = await runCli(words, { home: platform.home, ports: platform.around.ports, msMax: SEEN_MS_MAX });
    expect([redriven.code, redriven.code === 0 ? '' : redriven.stderr]).toEqual([0, '']);
    expect(await dataOf('growth', 'growth.v1.ThankYouNoteSent', 'orderId', orderId)).toHaveLength(1);
    expect(await commerce('commerce.v1.InventoryTaken', orderId)).toHaveLength(1);
    expect(await dataOf('fraud', 'fraud.v1.PurchaseNoted', 'orderId', orderId)).toHaveLength(1);
  });
});

describe('a refund', () => {
  it('that the gateway refuses is paid by the alternate one, entered once and told to the customer', async () => {
    const [orderId, refundId] = [`${run}-returned`, `${run}-refund`];
    await place(orderId);
    expect(await commerce('commerce.v1.OrderPaid', orderId)).toHaveLength(1);
    await sandbox.behave({ action: 'refund', match: refundId, failNext: 50, failStatus: 402 });
    await send(refundRequestedBody({ refundId, orderId, amountMinor: 2_000 }));

    expect(await endOf(refundId)).toMatchObject([{ definition: 'refund', outcome: 'completed' }]);
    expect(await commerce('commerce.v1.RefundPosted', orderId)).toMatchObject([
      { refundId, method: 'alternate-gateway', amountMinor: 2_000, refundedMinor: 2_000, paidMinor: 4_999 },
    ]);
    const mails = (await sandbox.acts('smtp')).filter(({ body }) => JSON.stringify(body).includes('20.00 EUR'));
    expect(mails).not.toEqual([]);
  });

  it('that neither gateway pays is a credit to the customer, who is told; it is in the books, and whoever is on call is paged', async () => {
    const [orderId, refundId] = [`${run}-kept`, `${run}-credited`];
    await place(orderId);
    const [paid] = await commerce('commerce.v1.OrderPaid', orderId);
    await sandbox.behave({ action: 'refund', match: refundId, failNext: 50, failStatus: 402 });
    await sandbox.behave({ action: 'gateway/refund', match: refundId, failNext: 50, failStatus: 422 });
    await send(refundRequestedBody({ refundId, orderId, amountMinor: 2_000 }));

    expect(await endOf(refundId)).toMatchObject([{ definition: 'refund', outcome: 'completed' }]);
    expect(await commerce('commerce.v1.CreditIssued', orderId)).toMatchObject([
      { creditId: refundId, customerId: paid!['customerId'], amountMinor: 2_000, balanceMinor: 2_000, currency: 'EUR' },
    ]);
    expect(await commerce('commerce.v1.RefundPosted', orderId)).toMatchObject([
      { refundId, method: 'credit', amountMinor: 2_000, refundedMinor: 2_000, paidMinor: 4_999 },
    ]);
    expect(await dataOf('commerce', 'platform.v1.AlertRaised', 'subject', orderId)).toMatchObject([
      { name: 'RefundCredited', sampleId: refundId },
    ]);
    const pages = () => sandbox.acts('pager').then((acts) => acts.filter(({ subject }) => subject.includes(refundId)));
    expect(await untilEnough(pages, ({ length }) => length > 0, SEEN_MS_MAX)).toMatchObject([
      { action: 'page', body: { title: expect.stringContaining(orderId) } },
    ]);
    const letters = lettersTo(platform.home, `${orderId}@`).map(({ body }) => body.text);
    expect(letters.filter((text) => text?.includes('we added it to your credit'))).toEqual([
      expect.stringContaining('20.00 EUR'),
    ]);
    const acts = await sandbox.acts();
    const money = acts.filter(
      ({ provider, body }) => provider === 'gateway' && JSON.stringify(body).includes(refundId),
    );
    expect(money).toEqual([]);
  });

  it('of more than was paid is refused, also where several ask at once', async () => {
    const orderId = `${run}-parts`;
    await place(orderId);
    expect(await commerce('commerce.v1.OrderPaid', orderId)).toHaveLength(1);
    const refunds = Array.from({ length: 4 }, (_, index) => `${run}-part${index}`);
    await Promise.all(refunds.map((refundId) => send(refundRequestedBody({ refundId, orderId, amountMinor: 2_000 }))));

    const ends = await Promise.all(refunds.map(endOf));
    const outcomes = ends.map(([end]) => end?.['outcome']).sort();
    expect(outcomes).toEqual(['compensated', 'compensated', 'completed', 'completed']);
    const posted = await commerce('commerce.v1.RefundPosted', orderId);
    expect(posted.reduce((sum, { amountMinor }) => sum + Number(amountMinor), 0)).toBe(4_000);
  });
});

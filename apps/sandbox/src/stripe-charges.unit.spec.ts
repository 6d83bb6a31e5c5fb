import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { readEffects } from './effects-log.js';
import { createServer } from './server.js';

let home: string;
let app: FastifyInstance;
type Listed = { readonly metadata: Readonly<Record<string, string>> };
const acted = () => readEffects(join(home, 'sandbox', 'effects.jsonl')).filter(({ outcome }) => outcome === 'acted');

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'towpath-sandbox-'));
  app = await createServer({ TOWPATH_HOME: home, LOG_LEVEL: 'error' });
});
afterEach(async () => {
  await app.close();
  rmSync(home, { recursive: true });
});

async function stripe(method: 'GET' | 'POST', url: string, fields: Record<string, string> = {}, key?: string) {
  const headers = { authorization: 'Bearer sk_test_x', 'content-type': 'application/x-www-form-urlencoded' };
  const options: InjectOptions = { method, url, headers: { ...headers, ...(key && { 'idempotency-key': key }) } };
  const payload = new URLSearchParams(fields).toString();
  const reply = await app.inject(method === 'POST' ? { ...options, payload } : options);
  return { status: reply.statusCode, body: reply.json() };
}
const charge = (ref: string, key: string, over: Record<string, string> = {}) =>
  stripe(
    'POST',
    '/v1/payment_intents',
    {
      ...{ amount: '700', currency: 'eur', customer: 'cus_1', payment_method: 'pm_card_visa', confirm: 'true' },
      ...{ 'metadata[towpath_charge_ref]': ref, ...over },
    },
    key,
  );
const behave = (behaviour: object) => app.inject({ method: 'PUT', url: '/sandbox/behaviour', payload: behaviour });

describe('charges at the sandbox', () => {
  it('takes money once per key, lists it for its customer also after a restart, and sends it back', async () => {
    const first = await charge('order_1', 'k1');
    expect(await charge('order_1', 'k1')).toEqual(first);
    await app.close();
    app = await createServer({ TOWPATH_HOME: home, LOG_LEVEL: 'error' });
    const { body: list } = await stripe('GET', '/v1/payment_intents?customer=cus_1&limit=100');
    expect(list.data).toMatchObject([
      { id: first.body.id, status: 'succeeded', amount_received: 700, metadata: { towpath_charge_ref: 'order_1' } },
    ]);
    const refund = { payment_intent: first.body.id, amount: '700' };
    expect((await stripe('POST', '/v1/refunds', refund, 'k2')).status).toBe(200);
    expect((await stripe('POST', '/v1/refunds', refund, 'k3')).body.error.code).toBe('charge_already_refunded');
    expect(acted().map(({ action, amount }) => [action, amount])).toEqual([
      ['charge', 700],
      ['refund', 700],
    ]);
  });

  it('declines with the reason of the test card, and takes nothing', async () => {
    const declined = { payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds' };
    const { status, body } = await charge('order_2', 'k1', declined);
    expect([status, body.error.code, body.error.decline_code]).toEqual([402, 'card_declined', 'insufficient_funds']);
    expect(acted()).toEqual([]);
  });

  it('pages through a customer with many payments', async () => {
    for (let index = 0; index < 3; index += 1) await charge(`order_${index}`, `k${index}`);
    const { body: first } = await stripe('GET', '/v1/payment_intents?customer=cus_1&limit=2');
    const { body: rest } = await stripe(
      'GET',
      `/v1/payment_intents?customer=cus_1&limit=2&starting_after=${first.data[1].id}`,
    );
    expect([first.has_more, rest.has_more]).toEqual([true, false]);
    const refs = [...(first.data as Listed[]), ...(rest.data as Listed[])].map(
      ({ metadata }) => metadata['towpath_charge_ref'],
    );
    expect(refs).toEqual(['order_2', 'order_1', 'order_0']);
  });
});

describe('a misbehaviour', () => {
  it('strikes only the calls that hold its match, and the longest match wins', async () => {
    await behave({ action: 'charge', failNext: 9, failStatus: 500 });
    await behave({ action: 'charge', match: 'order_1', failNext: 1, failStatus: 402, failCode: 'lost_card' });
    await behave({ action: 'charge', match: 'order_12', failNext: 0 });
    const answers = await Promise.all(['order_1', 'order_12', 'order_3'].map((ref) => charge(ref, ref)));
    expect(answers.map(({ status }) => status)).toEqual([402, 200, 500]);
    expect(answers[0]?.body.error.decline_code).toBe('lost_card');
    expect((await charge('order_1', 'again')).status).toBe(200);
  });

  it('says what it was told to say', async () => {
    await behave({
      action: 'refund',
      match: 'pi_9',
      failNext: 1,
      failStatus: 503,
      failMessage: 'Down for maintenance',
    });
    const { status, body } = await stripe('POST', '/v1/refunds', { payment_intent: 'pi_9' }, 'k');
    expect([status, body.error.message]).toEqual([503, 'Down for maintenance']);
  });
});

describe('subscriptions and invoices at the sandbox', () => {
  it('pauses and resumes a subscription', async () => {
    const url = '/v1/subscriptions/sub_1';
    const pauseOf = async () => (await stripe('GET', url)).body.pause_collection as object | null;
    expect(await pauseOf()).toBeNull();
    await stripe('POST', url, { 'pause_collection[behavior]': 'void' }, 'k1');
    expect(await pauseOf()).toMatchObject({ behavior: 'void' });
    await stripe('POST', url, { pause_collection: '' }, 'k2');
    expect(await pauseOf()).toBeNull();
    expect(acted().map(({ action }) => action)).toEqual(['pause-subscription', 'resume-subscription']);
  });

  it('collects an invoice once', async () => {
    const pay = (key: string) => stripe('POST', '/v1/invoices/in_1/pay', {}, key);
    expect((await pay('k1')).body.status).toBe('paid');
    expect((await pay('k2')).body.error.code).toBe('invoice_already_paid');
    expect((await stripe('GET', '/v1/invoices/in_1')).body.status).toBe('paid');
    expect(acted()).toHaveLength(1);
  });
});

import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { readEffects } from './effects-log.js';
import { createServer } from './server.js';

let home: string;
let app: FastifyInstance;
const open = () => createServer({ TOWPATH_HOME: home, LOG_LEVEL: 'error' });
const log = () => join(home, 'sandbox', 'effects.jsonl');
const acted = () => readEffects(log()).filter(({ outcome }) => outcome === 'acted');

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'towpath-sandbox-'));
  app = await open();
});
afterEach(async () => {
  await app.close();
  rmSync(home, { recursive: true });
});

async function stripe(method: 'GET' | 'POST', url: string, body = '', key?: string) {
  const headers = { authorization: 'Bearer sk_test_x', 'content-type': 'application/x-www-form-urlencoded' };
  const options: InjectOptions = { method, url, headers: { ...headers, ...(key && { 'idempotency-key': key }) } };
  const reply = await app.inject(method === 'POST' ? { ...options, payload: body } : options);
  return { status: reply.statusCode, body: reply.json(), replayed: reply.headers['idempotent-replayed'] === 'true' };
}
const put = (url: string, body: object) => app.inject({ method: 'PUT', url, payload: body });

describe('the sandbox', () => {
  it('captures a payment once per key and replays the first reply', async () => {
    const first = await stripe('POST', '/v1/payment_intents/pi_1/capture', 'amount_to_capture=700&metadata[a]=b', 'k1');
    const second = await stripe(
      'POST',
      '/v1/payment_intents/pi_1/capture',
      'amount_to_capture=700&metadata[a]=b',
      'k1',
    );
    expect([first.status, first.body.status, first.body.amount_received]).toEqual([200, 'succeeded', 700]);
    expect(second).toEqual({ ...first, replayed: true });
    expect(acted()).toMatchObject([{ action: 'capture', subject: 'pi_1', amount: 700, idempotencyKey: 'k1' }]);
    expect(readEffects(log()).map(({ replayed }) => replayed)).toEqual([false, true]);
  });

  it('refuses another request under a used key', async () => {
    await stripe('POST', '/v1/payment_intents/pi_1/capture', 'amount_to_capture=700', 'k1');
    const other = await stripe('POST', '/v1/payment_intents/pi_1/capture', 'amount_to_capture=600', 'k1');
    expect([other.status, other.body.error.type]).toEqual([400, 'idempotency_error']);
  });

  it('refuses to capture or cancel twice under another key', async () => {
    await stripe('POST', '/v1/payment_intents/pi_1/capture', '', 'k1');
    for (const verb of ['capture', 'cancel']) {
      const again = await stripe('POST', `/v1/payment_intents/pi_1/${verb}`, '', `other-${verb}`);
      expect([again.status, again.body.error.code]).toEqual([400, 'payment_intent_unexpected_state']);
    }
    expect(acted()).toHaveLength(1);
  });

  it('goes on where it was after being killed, half a line in its log included', async () => {
    await put('/sandbox/payments/pi_9', { amount: 900, metadata: { ip: '203.0.113.9' }, riskLevel: 'elevated' });
    await stripe('POST', '/v1/payment_intents/pi_9/capture', '', 'k9');
    await app.close();
    appendFileSync(log(), '{"seq":99,"half');
    app = await open();
    expect((await stripe('POST', '/v1/payment_intents/pi_9/capture', '', 'k9')).replayed).toBe(true);
    const { body } = await stripe('GET', '/v1/payment_intents/pi_9?expand[0]=latest_charge');
    expect(body).toMatchObject({
      status: 'succeeded',
      metadata: { ip: '203.0.113.9' },
      latest_charge: { outcome: { risk_level: 'elevated' } },
    });
    expect(acted()).toHaveLength(1);
  });

  it('can act and then answer 500; the same key then gives the first outcome', async () => {
    await put('/sandbox/behaviour', { action: 'refund', actThen500: true });
    const first = await stripe('POST', '/v1/refunds', 'payment_intent=pi_2&amount=50', 'r1');
    await app.inject({ method: 'DELETE', url: '/sandbox/behaviour' });
    const second = await stripe('POST', '/v1/refunds', 'payment_intent=pi_2&amount=50', 'r1');
    expect([first.status, second.status, second.replayed, acted().length]).toEqual([500, 200, true, 1]);
    const list = await stripe('GET', '/v1/refunds?payment_intent=pi_2');
    expect(list.body.data).toMatchObject([{ id: second.body.id, amount: 50 }]);
  });

  it('fails the next calls without acting, as often as told', async () => {
    await put('/sandbox/behaviour', { failNext: 1, failStatus: 503 });
    expect((await stripe('POST', '/v1/payment_intents/pi_3/cancel', '', 'c1')).status).toBe(503);
    expect((await stripe('POST', '/v1/payment_intents/pi_3/cancel', '', 'c1')).body.status).toBe('canceled');
    expect(readEffects(log()).map(({ outcome }) => outcome)).toEqual(['failed', 'acted']);
  });

  it('acts on every repeat of a refund when it is told to ignore keys', async () => {
    await put('/sandbox/behaviour', { ignoreKeys: true });
    await put('/sandbox/payments/pi_4', { status: 'succeeded', amount: 100 });
    for (let call = 0; call < 2; call++) await stripe('POST', '/v1/refunds', 'payment_intent=pi_4&amount=50', 'r1');
    expect(acted()).toHaveLength(2);
  });

  it('changes and shows the payout schedule of an account', async () => {
    await stripe('POST', '/v1/accounts/acct_1', 'settings[payouts][schedule][interval]=manual', 'p1');
    expect((await stripe('GET', '/v1/accounts/acct_1')).body.settings.payouts.schedule.interval).toBe('manual');
  });

  it('answers as Stripe does to a missing payment, a missing key and nonsense', async () => {
    expect((await stripe('GET', '/v1/payment_intents/pi_missing_1')).body.error.code).toBe('resource_missing');
    expect((await app.inject({ method: 'POST', url: '/v1/payment_intents/pi_1/capture' })).statusCode).toBe(401);
    expect((await put('/sandbox/behaviour', { wrong: 1 })).statusCode).toBe(400);
  });
});

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createServer } from './server.js';

const SECRET = 'whsec_0123456789abcdef';

interface Sent {
  readonly signature: string;
  readonly body: string;
}

let home: string;
let listener: Server;
let app: FastifyInstance;
const sent: Sent[] = [];
/** statuses that the next deliveries are answered with; 200 after them */
const answers: number[] = [];

beforeEach(async () => {
  sent.length = answers.length = 0;
  home = mkdtempSync(join(tmpdir(), 'towpath-webhooks-'));
  listener = createHttpServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      sent.push({ signature: String(request.headers['stripe-signature']), body });
      listener.emit('delivery');
      response.writeHead(answers.shift() ?? 200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const target = { SANDBOX_WEBHOOK_URL: `http://127.0.0.1:${port}/`, SANDBOX_WEBHOOK_SECRET: SECRET };
  app = await createServer({ TOWPATH_HOME: home, LOG_LEVEL: 'error', ...target });
});
afterEach(async () => {
  await app.close();
  listener.close();
  rmSync(home, { recursive: true });
});

async function call(url: string, fields: string, key: string): Promise<void> {
  const headers = {
    ...{ authorization: 'Bearer sk_test_x', 'content-type': 'application/x-www-form-urlencoded' },
    'idempotency-key': key,
  };
  await app.inject({ method: 'POST', url, payload: fields, headers });
}

/** The deliveries once there are so many. */
async function deliveries(count: number) {
  while (sent.length < count) await once(listener, 'delivery');
  return sent.map(
    ({ body }) =>
      JSON.parse(body) as { id: string; type: string; request: object; data: { object: Record<string, unknown> } },
  );
}

describe('deliveries of the sandbox', () => {
  it.each([
    [
      'a capture',
      '/v1/payment_intents/pi_1/capture',
      'amount_to_capture=700',
      ['payment_intent.succeeded', 'charge.captured'],
    ],
    [
      'a cancellation',
      '/v1/payment_intents/pi_1/cancel',
      'cancellation_reason=fraudulent',
      ['payment_intent.canceled'],
    ],
    ['a refund', '/v1/refunds', 'payment_intent=pi_1', ['refund.created', 'charge.refunded']],
    ['a change of payouts', '/v1/accounts/acct_1', 'settings[payouts][schedule][interval]=manual', ['account.updated']],
  ])('tell of %s as Stripe does, with its metadata and the key of its request', async (_, url, fields, types) => {
    await call(url, `${fields}&metadata[towpath_correlation_id]=c-1`, 'k1');
    const events = await deliveries(types.length);
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(events[0]?.request).toMatchObject({ idempotency_key: 'k1' });
    // A cancellation takes no metadata.
    const metadata = url.endsWith('/cancel') ? {} : { towpath_correlation_id: 'c-1' };
    expect(events[0]?.data.object['metadata']).toEqual(metadata);
  });

  it('are signed as Stripe signs, and sent again under the same id until they are taken', async () => {
    answers.push(503);
    await call('/v1/payment_intents/pi_1/cancel', '', 'k1');
    const [first, second] = await deliveries(2);
    expect(second).toEqual(first);
    for (const { signature, body } of sent) {
      const [, seconds = '', given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      expect(given).toBe(createHmac('sha256', SECRET).update(`${seconds}.${body}`).digest('hex'));
    }
  });

  it('tell of a call once, not of its repeats nor of what was refused', async () => {
    await call('/v1/payment_intents/pi_1/cancel', '', 'k1');
    await call('/v1/payment_intents/pi_1/cancel', '', 'k1');
    await call('/v1/payment_intents/pi_1/cancel', '', 'k2');
    await call('/v1/payment_intents/pi_2/cancel', '', 'k3');
    const events = await deliveries(2);
    expect(events.map(({ data }) => data.object['id'])).toEqual(['pi_1', 'pi_2']);
  });
});

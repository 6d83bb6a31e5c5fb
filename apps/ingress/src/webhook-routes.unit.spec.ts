import { createHash } from 'node:crypto';
import { unframe } from '@towpath/kafka/wire';
import type { InjectOptions, Response } from 'light-my-request';
import {
  adasCommand,
  platformDelivery,
  PLATFORM_SECRET,
  startIngress,
  stripeDelivery,
  stripeSigned,
  STRIPE_SECRET,
  type Ingress,
} from './ingress.fixture.js';
import { seededRandom } from './seeded.fixture.js';

describe('POST /webhooks/:source', () => {
  let ingress: Ingress;
  beforeEach(async () => {
    ingress = await startIngress();
  });
  afterEach(() => ingress.server.close());

  const post = (source: string, options: InjectOptions): Promise<Response> =>
    ingress.server.inject({ method: 'POST', url: `/webhooks/${source}`, ...options });
  const codeOf = (response: Response): string => response.json<{ code: string }>().code;

  it('publishes a verified delivery byte for byte under the id that it answers', async () => {
    const { payload, headers } = stripeDelivery('evt_1');
    const response = await post('stripe', { payload, headers });
    expect(response.statusCode).toBe(202);
    const [received] = ingress.producer.received();
    expect(received).toMatchObject({
      objectId: 'pi_1',
      source: 'stripe',
      provider: 'stripe',
      scheme: 'stripe',
      signedId: 'evt_1',
      actor: null,
      role: null,
      sha256: createHash('sha256').update(payload).digest('hex'),
    });
    expect(received?.body.toString()).toBe(payload);
    expect(response.json()).toEqual({ deliveryId: received?.deliveryId });
  });

  it('puts the CloudEvents attributes, the schema id and the key on the record', async () => {
    const { payload, headers } = stripeDelivery('evt_1');
    const { deliveryId } = (await post('stripe', { payload, headers })).json<{ deliveryId: string }>();
    const [record] = ingress.producer.on('webhooks.received');
    expect(record?.key).toBe('pi_1');
    expect(unframe(record?.value ?? Buffer.alloc(0)).schemaId).toBe(7);
    expect(record?.headers).toMatchObject({
      ce_id: deliveryId,
      ce_source: '/services/ingress',
      ce_specversion: '1.0',
      ce_type: 'webhooks.v1.WebhookReceived',
      ce_subject: 'pi_1',
      ce_correlationid: deliveryId,
      ce_hops: '0',
      'content-type': 'application/avro',
    });
    expect(record?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it("continues the sender's trace when it is valid, and starts one when it isn't", async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const traced = async (traceparent: string): Promise<string> => {
      const { payload, headers } = stripeDelivery('evt_1');
      await post('stripe', { payload, headers: { ...headers, traceparent } });
      return ingress.producer.sent.at(-1)?.headers['traceparent'] ?? '';
    };
    expect(await traced(`00-${trace}-00f067aa0ba902b7-00`)).toMatch(
      new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)[0-9a-f]{16}-00$`),
    );
    for (const wrong of ['x', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`])
      expect(await traced(wrong)).not.toContain(wrong);
  });

  it("carries the sender's tracestate on with a valid traceparent only", async () => {
    const stateAfter = async (traceparent: string, tracestate: string): Promise<string | undefined> => {
      const { payload, headers } = stripeDelivery('evt_1');
      await post('stripe', { payload, headers: { ...headers, traceparent, tracestate } });
      return ingress.producer.sent.at(-1)?.headers['tracestate'];
    };
    const valid = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(await stateAfter(valid, 'a=1,b=2')).toMatch(/^towpath=s:\w+,a=1,b=2$/);
    expect(await stateAfter(valid, `a=${'x'.repeat(600)}`)).toMatch(/^towpath=s:\w+$/);
    expect(await stateAfter('x', 'a=1')).toMatch(/^towpath=s:\w+$/);
  });

  it('answers only after Kafka has acknowledged', async () => {
    let acknowledge = (): void => undefined;
    ingress.producer.acknowledge = () => new Promise((resolve) => (acknowledge = resolve));
    let isAnswered = false;
    const answer = post('stripe', stripeDelivery('evt_1')).then((response) => {
      isAnswered = true;
      return response;
    });
    while (ingress.producer.sent.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    acknowledge();
    expect((await answer).statusCode).toBe(202);
  });

  it('takes who signed and their role from the key of a command', async () => {
    const body = { type: 'fraud.unfreeze_account', data: { accountId: 'cus_1', actor: 'mallory', role: 'root' } };
    expect((await post('operator', adasCommand('cmd_1', body))).statusCode).toBe(202);
    expect(ingress.producer.received()[0]).toMatchObject({
      actor: 'ada',
      role: 'fraud-analyst',
      objectId: 'cus_1',
      signedId: 'cmd_1',
    });
  });

  it('gives repeats, also signed anew, the same id and 202', async () => {
    const first = await post('stripe', stripeDelivery('evt_1'));
    const again = await post('stripe', stripeDelivery('evt_1', new Date(Date.now() - 60_000)));
    expect(again.statusCode).toBe(202);
    expect(again.json()).toEqual(first.json());
    expect((await post('stripe', stripeDelivery('evt_2'))).json()).not.toEqual(first.json());
  });

  it('derives the id from the body when nothing signed names one', async () => {
    const one = await post('stripe', stripeSigned('{"type":"x"}'));
    const same = await post('stripe', stripeSigned('{"type":"x"}'));
    const other = await post('stripe', stripeSigned('{"type":"y"}'));
    expect(one.json()).toEqual(same.json());
    expect(one.json()).not.toEqual(other.json());
    expect(ingress.producer.received()[0]?.signedId).toBeNull();
  });

  it('never makes a second event id of one signed delivery, whatever is done to its headers', async () => {
    const random = seededRandom(4);
    const names = [
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
      'x-event-id',
      'idempotency-key',
      'id',
      'ce-id',
      'stripe-signature',
    ];
    for (let round = 0; round < 500; round++) {
      const { payload, headers } = platformDelivery('msg_1', { type: 'deploy.completed', data: { deployId: 'd1' } });
      const name = names[random(names.length)] ?? '';
      const value = headers[name] ?? 'evt_other';
      const at = random(value.length);
      const changed = [
        `${value}x`,
        value.slice(0, at) + 'Z' + value.slice(at + 1),
        `${value} v1,AAAA`,
        `${value}.${value}`,
      ][random(4)];
      await post('platform', { payload, headers: { ...headers, [name]: changed ?? '' } });
    }
    expect(new Set(ingress.producer.received().map(({ deliveryId }) => deliveryId)).size).toBe(1);
  });

  it.each([
    ['a bad signature', 401, 'SIGNATURE_INVALID', () => stripeDelivery('evt_1', new Date(), 'whsec_another_secret')],
    [
      'no signature',
      401,
      'SIGNATURE_MISSING',
      () => ({ ...stripeDelivery('e'), headers: { 'content-type': 'application/json' } }),
    ],
    [
      'a delivery 10 minutes old',
      401,
      'TIMESTAMP_OUT_OF_RANGE',
      () => stripeDelivery('evt_1', new Date(Date.now() - 600_000)),
    ],
    [
      'a delivery 10 minutes ahead',
      401,
      'TIMESTAMP_OUT_OF_RANGE',
      () => stripeDelivery('evt_1', new Date(Date.now() + 600_000)),
    ],
    ['signed but malformed JSON', 400, 'BODY_INVALID', () => stripeSigned('{"id":')],
    ['signed but invalid UTF-8', 400, 'BODY_INVALID', () => stripeSigned(Buffer.from([0x7b, 0xff, 0x7d]))],
    ['signed but 65 levels deep', 400, 'BODY_INVALID', () => stripeSigned(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`)],
    ['an empty signed body', 400, 'BODY_INVALID', () => stripeSigned('')],
    ['257 kB', 413, 'BODY_TOO_LARGE', () => stripeSigned(`{"a":"${'x'.repeat(262_144)}"}`)],
  ])('refuses %s with %i %s, and records it without the body', async (_what, status, code, delivery) => {
    const response = await post('stripe', delivery());
    expect([response.statusCode, codeOf(response)]).toEqual([status, code]);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(response.json()).toEqual({
      type: `urn:towpath:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
    });
    expect(ingress.producer.received()).toEqual([]);
    expect(ingress.producer.rejected()).toMatchObject([{ source: 'stripe', reason: code, remoteIp: '127.0.0.1' }]);
  });

  it.each([
    ['another media type', { 'content-type': 'text/plain' }, 415, 'MEDIA_TYPE_REFUSED'],
    ['no media type', { 'content-type': '' }, 415, 'MEDIA_TYPE_REFUSED'],
    ['a compressed body', { 'content-encoding': 'gzip' }, 415, 'ENCODING_REFUSED'],
    [
      '200 headers',
      Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, '1'])),
      431,
      'HEADERS_TOO_MANY',
    ],
  ])('refuses %s before it reads the body', async (_what, extra, status, code) => {
    const { payload, headers } = stripeDelivery('evt_1');
    const response = await post('stripe', { payload, headers: { ...headers, ...extra } });
    expect([response.statusCode, codeOf(response)]).toEqual([status, code]);
  });

  it('takes `application/json; charset=utf-8` and `+json`', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/cloudevents+json', 'Application/JSON']) {
      const { payload, headers } = stripeDelivery('evt_1');
      expect((await post('stripe', { payload, headers: { ...headers, 'content-type': type } })).statusCode).toBe(202);
    }
  });

  it('answers unknown and disabled sources alike with 404, signed or not', async () => {
    const body = { type: 'x', data: {} };
    const answers = [
      await post('off', platformDelivery('m1', body)),
      await post('absent', platformDelivery('m1', body)),
      await post('absent', { payload: '{}', headers: { 'content-type': 'application/json' } }),
      await post(encodeURIComponent('../../etc/passwd'), platformDelivery('m1', body)),
    ];
    expect(answers.map(({ statusCode, body: text }) => [statusCode, text])).toEqual(
      answers.map(() => [404, answers[0]?.body]),
    );
    expect(ingress.producer.received()).toEqual([]);
  });

  it('answers other methods with 405', async () => {
    const response = await ingress.server.inject({ method: 'GET', url: '/webhooks/stripe' });
    expect([response.statusCode, codeOf(response), response.headers['allow']]).toEqual([405, 'METHOD_REFUSED', 'POST']);
  });

  it('answers 503 with Retry-After when Kafka does not acknowledge, and tells nothing of why', async () => {
    ingress.producer.acknowledge = () => Promise.reject(new Error('broker 10.1.2.3 said no'));
    const response = await post('stripe', stripeDelivery('evt_1'));
    expect([response.statusCode, codeOf(response), response.headers['retry-after']]).toEqual([
      503,
      'BROKER_UNAVAILABLE',
      '2',
    ]);
    expect(response.body).not.toContain('10.1.2.3');
  });

  it('answers 503 when too many wait for Kafka, and when triage lags by more than 60 s', async () => {
    ingress.producer.pendingCount = 100;
    expect(codeOf(await post('stripe', stripeDelivery('evt_1')))).toBe('OVERLOADED');
    ingress.producer.pendingCount = 99;
    ingress.lag.seconds = 60;
    expect((await post('stripe', stripeDelivery('evt_1'))).statusCode).toBe(202);
    ingress.lag.seconds = 61;
    const response = await post('stripe', stripeDelivery('evt_1'));
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5']);
    expect(ingress.producer.rejected()).toEqual([]);
  });

  it('publishes at most 50 rejections a second, however many it refuses', async () => {
    for (let count = 0; count < 200; count++) await post('stripe', stripeDelivery('evt_1', new Date(0)));
    const perSecond = new Map<number, number>();
    for (const { receivedAt } of ingress.producer.rejected()) {
      const second = Math.floor(receivedAt / 1000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(50);
  });

  it('does not make the answer wait for the record of a rejection', async () => {
    ingress.producer.acknowledge = () => new Promise(() => undefined);
    expect((await post('stripe', stripeDelivery('evt_1', new Date(0)))).statusCode).toBe(401);
  });

  it('echoes no secret, signature or body in any refusal, rejection or log line', async () => {
    const marker = 'canary-4242424242424242';
    const forged = stripeSigned(`{"id":"${marker}"`);
    const answers: string[] = [];
    for (const source of ['stripe', 'platform', 'operator', 'absent']) {
      answers.push((await post(source, forged)).body);
      answers.push(
        (await post(source, { ...forged, headers: { ...forged.headers, 'stripe-signature': `t=1,v1=${marker}` } }))
          .body,
      );
    }
    const signature = forged.headers['stripe-signature']?.split('v1=')[1] ?? '';
    const written = JSON.stringify([answers, ingress.producer.rejected(), ingress.logged]);
    for (const hidden of [STRIPE_SECRET, PLATFORM_SECRET, marker, signature]) expect(written).not.toContain(hidden);
  });
});

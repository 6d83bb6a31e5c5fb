import { connect, type AddressInfo } from 'node:net';
import { startIngress, stripeDelivery, type Ingress } from './ingress.fixture.js';

/** What Node's parser and timers decide can't be seen by injected requests. */
describe('HTTP limits on a real socket', () => {
  let ingress: Ingress;
  beforeAll(async () => {
    ingress = await startIngress();
    ingress.server.server.headersTimeout = 300;
    ingress.server.server.requestTimeout = 600;
    Object.assign(ingress.server.server, { connectionsCheckingInterval: 100 });
    await ingress.server.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(() => ingress.server.close());

  /** Sends the chunks and answers what came back until the server closed the connection. */
  const talk = (chunks: Iterable<string | Buffer>): Promise<string> =>
    new Promise((resolve) => {
      const { port } = ingress.server.server.address() as AddressInfo;
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer));
      for (const chunk of chunks) socket.write(chunk);
    });
  const head = (...headers: string[]): string =>
    ['POST /webhooks/stripe HTTP/1.1', 'Host: a', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');

  it('refuses a request with both Content-Length and Transfer-Encoding', async () => {
    const answer = await talk([head('Content-Length: 4', 'Transfer-Encoding: chunked'), '0\r\n\r\n']);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*REQUEST_MALFORMED/);
  });

  it('refuses headers above 16 KiB with 431', async () => {
    expect(await talk([head(`X-Long: ${'a'.repeat(20_000)}`)])).toMatch(/^HTTP\/1\.1 431 [^]*HEADERS_TOO_MANY/);
  });

  it('refuses 300 headers with 431', async () => {
    const many = Array.from({ length: 300 }, (_, index) => `X-${index}: 1`);
    expect(await talk([head(...many, 'Content-Length: 0', 'Connection: close')])).toMatch(
      /^HTTP\/1\.1 431 [^]*HEADERS_TOO_MANY/,
    );
  });

  it('stops reading 10 MB in chunks at the limit, with 413', async () => {
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const answer = await talk([
      head('Transfer-Encoding: chunked'),
      ...Array.from({ length: 160 }, () => chunk),
      '0\r\n\r\n',
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*BODY_TOO_LARGE/);
  });

  it('refuses a declared length above the limit without reading the body', async () => {
    expect(await talk([head('Content-Length: 10000000')])).toMatch(/^HTTP\/1\.1 413 [^]*BODY_TOO_LARGE/);
  });

  it('ends clients that send their headers or their body too slowly with 408', async () => {
    const slowly = ['POST /webhooks/stripe HTTP/1.1\r\nHost: a\r\nX-Slow: ', `${head('Content-Length: 100')}{`];
    for (const answer of await Promise.all(slowly.map((start) => talk([start])))) {
      expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*REQUEST_TOO_SLOW/);
    }
  }, 15_000);

  it('serves others while 500 sockets dribble, and ends them', async () => {
    const slow = Array.from({ length: 500 }, () => talk(['POST /webhooks/stripe HTTP/1.1\r\nX-Slow: ']));
    const { headers, payload } = stripeDelivery('evt_slow');
    const signature = `Stripe-Signature: ${headers['stripe-signature']}`;
    const answer = await talk([head(signature, `Content-Length: ${payload.length}`, 'Connection: close'), payload]);
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
    const ended = await Promise.all(slow);
    expect(ended.filter((text) => text.startsWith('HTTP/1.1 408'))).toHaveLength(500);
    ingress.producer.sent.length = 0;
  }, 20_000);

  it('refuses two signature headers, whichever of them fits', async () => {
    const { headers, payload } = stripeDelivery('evt_1');
    const good = `Stripe-Signature: ${headers['stripe-signature']}`;
    for (const pair of [
      [good, good],
      [good, 'stripe-signature: t=1,v1=00'],
      ['STRIPE-SIGNATURE: x', good],
    ]) {
      const answer = await talk([head(...pair, `Content-Length: ${payload.length}`, 'Connection: close'), payload]);
      expect(answer).toMatch(/^HTTP\/1\.1 401 [^]*SIGNATURE_DUPLICATE/);
    }
    expect(ingress.producer.received()).toEqual([]);
  });

  it('takes a good delivery beside all that', async () => {
    const { headers, payload } = stripeDelivery('evt_1');
    const signature = `Stripe-Signature: ${headers['stripe-signature']}`;
    const answer = await talk([head(signature, `Content-Length: ${payload.length}`, 'Connection: close'), payload]);
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  });
});

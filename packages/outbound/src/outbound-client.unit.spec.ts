import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { OutboundClient, type ProviderPolicy } from './outbound-client.js';
import { policyFor, TestServer } from './test-server.fixture.js';

const opened: { close?: () => Promise<void>; stop?: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await (one.close?.() ?? one.stop?.());
});

async function server(listener: (url: string, response: ServerResponse) => void): Promise<TestServer> {
  const started = await TestServer.start((request, response) => listener(request.url ?? '', response));
  opened.push(started);
  return started;
}

function client(
  origin: string,
  changes: Partial<ProviderPolicy> = {},
  resolve?: ConstructorParameters<typeof OutboundClient>[1],
) {
  const made = new OutboundClient(policyFor(origin, changes), resolve);
  opened.push(made);
  return made;
}

const get = (origin: string, path = '/') => ({ method: 'GET', url: `${origin}${path}` }) as const;

describe('the outbound client', () => {
  it('gives the reply whatever its status, and follows no redirect', async () => {
    const target = await server((url, response) => {
      response.writeHead(url === '/moved' ? 302 : 404, { location: 'http://169.254.169.254/' }).end('body');
    });
    const outbound = client(target.origin);
    expect(await outbound.request(get(target.origin, '/moved'))).toMatchObject({ status: 302 });
    const reply = await outbound.request(get(target.origin, '/x'));
    expect([reply.status, reply.body.toString()]).toEqual([404, 'body']);
    expect(target.requests).toBe(2);
  });

  it('says that a refused connection sent nothing', async () => {
    const target = await server(() => undefined);
    const { origin } = target;
    await target.stop();
    await expect(client(origin).request(get(origin))).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      outcome: 'not-sent',
    });
  });

  it('says that a call without a reply in time may have been acted on', async () => {
    const target = await server(() => undefined);
    await expect(client(target.origin, { timeoutMs: 60 }).request(get(target.origin))).rejects.toMatchObject({
      code: 'TIMEOUT',
      outcome: 'unknown',
    });
  });

  it('bounds the whole reply by the time-out, not only its first byte', async () => {
    const target = await server((_, response) => response.writeHead(200).write('slow'));
    await expect(client(target.origin).request({ ...get(target.origin), timeoutMs: 60 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      outcome: 'unknown',
    });
  });

  it('says that a call still waiting for a connection at its time-out was not sent, and never sends it later', async () => {
    let release: ServerResponse | undefined;
    const target = await server((_, response) => (release = response));
    const outbound = client(target.origin, { connectionsMax: 1 });
    const first = outbound.request(get(target.origin));
    await expect(outbound.request({ ...get(target.origin, '/second'), timeoutMs: 60 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      outcome: 'not-sent',
    });
    release?.end('done');
    await first;
    await outbound.close();
    expect(target.requests).toBe(1);
  });

  it('says that a cut connection may have been acted on, and does not send again', async () => {
    const target = await server((_, response) => response.destroy());
    const send = client(target.origin).request({ method: 'POST', url: target.origin, body: 'a=1' });
    await expect(send).rejects.toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'unknown' });
    expect(target.requests).toBe(1);
  });

  it('reads no more of a reply than allowed', async () => {
    const target = await server((_, response) => response.end('x'.repeat(5_000)));
    await expect(client(target.origin).request(get(target.origin))).rejects.toMatchObject({
      code: 'RESPONSE_TOO_LARGE',
      outcome: 'unknown',
    });
  });

  it('stops calling after failures in a row, then lets one call try', async () => {
    let status = 500;
    const target = await server((_, response) => response.writeHead(status).end());
    const outbound = client(target.origin);
    for (let call = 0; call < 3; call++) expect((await outbound.request(get(target.origin))).status).toBe(500);
    await expect(outbound.request(get(target.origin))).rejects.toMatchObject({
      code: 'BREAKER_OPEN',
      outcome: 'not-sent',
    });
    expect(target.requests).toBe(3);
    status = 200;
    const deadline = Date.now() + 2_000;
    let reply = 0;
    while (reply !== 200 && Date.now() < deadline)
      reply = await outbound.request(get(target.origin)).then(
        (response) => response.status,
        () => new Promise<number>((resolve) => setTimeout(() => resolve(0), 10)),
      );
    expect([reply, outbound.breakerState]).toEqual([200, 'closed']);
  });

  it('does not hold our own mistakes and limits against the provider', async () => {
    const target = await server((_, response) => response.writeHead(402).end());
    const outbound = client(target.origin, { rateLimit: { perSecond: 1, burst: 5, queueMax: 0 } });
    const replies = await Promise.allSettled(Array.from({ length: 9 }, () => outbound.request(get(target.origin))));
    expect(replies.filter((reply) => reply.status === 'rejected')).toHaveLength(4);
    expect(outbound.breakerState).toBe('closed');
  });

  it('sends nothing after close', async () => {
    const target = await server((_, response) => response.end());
    const outbound = client(target.origin);
    await outbound.close();
    await expect(outbound.request(get(target.origin))).rejects.toMatchObject({
      code: 'CLIENT_CLOSED',
      outcome: 'not-sent',
    });
  });
});

describe('a name that resolves to a forbidden address', () => {
  let canary: Server;
  let connections = 0;
  beforeAll(async () => {
    canary = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise<void>((resolve) => canary.close(() => resolve())));

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '64:ff9b::7f00:1'])(
    'is never connected to: %s',
    async (address) => {
      const resolve = async () => [
        { address: '8.8.8.8', family: 4 },
        { address, family: address.includes(':') ? 6 : 4 },
      ];
      const outbound = client('http://127.0.0.1:1', { hosts: ['pay.example'] }, resolve);
      await expect(outbound.request(get('https://pay.example'))).rejects.toMatchObject({
        code: 'ADDRESS_NOT_ALLOWED',
        outcome: 'not-sent',
      });
      expect(connections).toBe(0);
    },
  );

  it('is never connected to when a loopback stand-in resolves elsewhere', async () => {
    const { port } = canary.address() as AddressInfo;
    const outbound = client(`http://localhost:${port}`, {}, async () => [{ address: '8.8.8.8', family: 4 }]);
    await expect(outbound.request(get(`http://localhost:${port}`))).rejects.toMatchObject({
      code: 'ADDRESS_NOT_ALLOWED',
    });
  });
});

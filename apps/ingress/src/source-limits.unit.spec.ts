import type { InjectOptions, Response } from 'light-my-request';
import { adasCommand, startIngress, stripeDelivery, type Ingress } from './ingress.fixture.js';

describe('limits of a source', () => {
  const post = ({ server }: Ingress, options: InjectOptions): Promise<Response> =>
    server.inject({ method: 'POST', url: '/webhooks/stripe', ...options });

  it('answers 429 with Retry-After above the rate, and forged deliveries use none of it', async () => {
    const ingress = await startIngress({ ratePerSecond: 3 });
    for (let count = 0; count < 20; count++) {
      expect((await post(ingress, stripeDelivery('evt', new Date(), 'whsec_another_secret'))).statusCode).toBe(401);
    }
    const statuses: number[] = [];
    for (let count = 0; count < 10; count++) {
      const response = await post(ingress, stripeDelivery(`evt_${count}`));
      statuses.push(response.statusCode);
      if (response.statusCode === 429) expect(response.headers['retry-after']).toBe('1');
    }
    expect(statuses.slice(0, 3)).toEqual([202, 202, 202]);
    expect(statuses).toContain(429);
    await ingress.server.close();
  });

  it('hears at most 20 forged commands a second from one address, and other addresses all the same', async () => {
    const ingress = await startIngress();
    const forged = adasCommand('cmd_1', { type: 'x', data: {} });
    const command = (remoteAddress: string, payload: string): Promise<Response> =>
      ingress.server.inject({ method: 'POST', url: '/webhooks/operator', ...forged, payload, remoteAddress });
    const statuses = new Set<number>();
    for (let count = 0; count < 60; count++) statuses.add((await command('198.51.100.1', '{"forged":1}')).statusCode);
    expect([...statuses]).toEqual([401, 429]);
    expect((await command('198.51.100.2', forged.payload)).statusCode).toBe(202);
    await ingress.server.close();
  });

  it('refuses addresses outside the allow-list, and does not believe X-Forwarded-For without a proxy', async () => {
    const ingress = await startIngress({ allow: ['203.0.113.0/24'] });
    const { payload, headers } = stripeDelivery('evt_1');
    const spoofed = await post(ingress, { payload, headers: { ...headers, 'x-forwarded-for': '203.0.113.5' } });
    expect([spoofed.statusCode, spoofed.json<{ code: string }>().code]).toEqual([403, 'ADDRESS_REFUSED']);
    expect((await post(ingress, { payload, headers, remoteAddress: '203.0.113.5' })).statusCode).toBe(202);
    await ingress.server.close();
  });

  it('takes the address that its own proxy saw, not one that the sender put in front', async () => {
    const ingress = await startIngress({ allow: ['203.0.113.0/24'], proxies: 1 });
    const { payload, headers } = stripeDelivery('evt_1');
    const from = (forwarded: string): Promise<Response> =>
      post(ingress, { payload, headers: { ...headers, 'x-forwarded-for': forwarded } });
    expect((await from('203.0.113.5')).statusCode).toBe(202);
    expect((await from('198.51.100.1, 203.0.113.5')).statusCode).toBe(202);
    expect((await from('203.0.113.5, 198.51.100.1')).statusCode).toBe(403);
    expect((await post(ingress, { payload, headers })).statusCode).toBe(403);
    expect(ingress.producer.received().map(({ remoteIp }) => remoteIp)).toEqual(['203.0.113.5', '203.0.113.5']);
    await ingress.server.close();
  });
});

import { TokenBucket } from './token-bucket.js';

const never = new AbortController().signal;

describe('the rate limit', () => {
  it('lets a burst through, then one call per token in order', async () => {
    const bucket = new TokenBucket({ perSecond: 200, burst: 2, queueMax: 10 });
    const order: number[] = [];
    const startedAt = performance.now();
    await Promise.all([1, 2, 3, 4, 5].map((n) => bucket.take(never).then(() => order.push(n))));
    expect(order).toEqual([1, 2, 3, 4, 5]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(12);
  });

  it('refuses what its queue can not hold', async () => {
    const bucket = new TokenBucket({ perSecond: 100, burst: 1, queueMax: 1 });
    await bucket.take(never);
    const waiting = bucket.take(never);
    await expect(bucket.take(never)).rejects.toMatchObject({ code: 'RATE_LIMITED', outcome: 'not-sent' });
    await waiting;
  });

  it('gives the place of a caller that gave up to the next', async () => {
    const bucket = new TokenBucket({ perSecond: 100, burst: 1, queueMax: 2 });
    await bucket.take(never);
    const giveUp = new AbortController();
    const first = bucket.take(giveUp.signal);
    const second = bucket.take(never);
    giveUp.abort();
    await expect(first).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await second;
  });

  it('never holds more than a burst, however long it was quiet', async () => {
    let now = 0;
    const bucket = new TokenBucket({ perSecond: 10, burst: 2, queueMax: 0 }, () => now);
    now = 3_600_000;
    await bucket.take(never);
    await bucket.take(never);
    await expect(bucket.take(never)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });
});

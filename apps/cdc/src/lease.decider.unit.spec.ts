import { leaseMsMax, mayPublish, takeLease, takeoverMs } from './lease.decider.js';

const held = { holder: 'one', epoch: 4n, ageMs: 900 };

describe('the lease', () => {
  it('is taken when it is free, given back, stale or the own one, each time with a higher epoch', () => {
    expect(takeLease(undefined, 'two')).toBe(1n);
    expect(takeLease({ ...held, ageMs: Infinity }, 'two')).toBe(5n);
    expect(takeLease({ ...held, ageMs: takeoverMs + 1 }, 'two')).toBe(5n);
    expect(takeLease(held, 'one')).toBe(5n);
  });

  it('is not taken from a holder that renews it', () => {
    expect(takeLease(held, 'two')).toBeUndefined();
    expect(takeLease({ ...held, ageMs: takeoverMs }, 'two')).toBeUndefined();
  });

  it('ends for its holder before another may take it', () => {
    expect(mayPublish(leaseMsMax - 1)).toBe(true);
    expect(mayPublish(leaseMsMax)).toBe(false);
    expect(leaseMsMax).toBeLessThan(takeoverMs);
  });
});

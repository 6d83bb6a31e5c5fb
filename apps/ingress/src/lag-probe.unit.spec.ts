import { LagProbe } from './lag-probe.js';

describe('lag probe', () => {
  const probe = (): LagProbe =>
    new LagProbe({ readProgress: () => Promise.reject(new Error('not asked here')), onFailure: () => undefined });

  it('knows no lag while the group keeps up, also on empty partitions', () => {
    const lag = probe();
    lag.learn({ end: [10, 0], committed: [10, 0] }, 1_000);
    expect(lag.ageSeconds(1_000)).toBe(0);
  });

  it('is as old as the last second whose end the group has reached', () => {
    const lag = probe();
    for (let second = 0; second <= 100; second++) {
      lag.learn({ end: [second * 10, 5], committed: [Math.min(second, 20) * 10, 5] }, second * 1_000);
    }
    expect(lag.ageSeconds(100_000)).toBe(80);
  });

  it('is as old as the slowest partition', () => {
    const lag = probe();
    lag.learn({ end: [5, 5], committed: [5, 5] }, 0);
    lag.learn({ end: [9, 6], committed: [9, 5] }, 70_000);
    expect(lag.ageSeconds(70_000)).toBe(70);
  });

  it('goes back to none once the group has caught up', () => {
    const lag = probe();
    lag.learn({ end: [5], committed: [5] }, 0);
    lag.learn({ end: [9], committed: [5] }, 70_000);
    lag.learn({ end: [9], committed: [9] }, 71_000);
    expect(lag.ageSeconds(71_000)).toBe(0);
  });

  it('counts a backlog that was there at its start from its start', () => {
    const lag = probe();
    lag.learn({ end: [100], committed: [0] }, 10_000);
    lag.learn({ end: [100], committed: [0] }, 75_000);
    expect(lag.ageSeconds(75_000)).toBe(65);
  });

  it('refuses nothing on old knowledge when Kafka does not tell any more', () => {
    const lag = probe();
    lag.learn({ end: [5], committed: [0] }, 0);
    lag.learn({ end: [5], committed: [0] }, 100_000);
    expect(lag.ageSeconds(110_001)).toBe(0);
  });

  it('does not take a quiet time for lag, and keeps the age of a backlog from before it', () => {
    for (const [committed, age] of [
      [5, 1],
      [4, 101],
    ] as const) {
      const lag = probe();
      lag.learn({ end: [4], committed: [4] }, 0);
      lag.learn({ end: [5], committed: [committed] }, 1_000);
      lag.touch(100_000);
      lag.learn({ end: [6], committed: [committed] }, 101_000);
      expect(lag.ageSeconds(101_000)).toBe(age);
      lag.close();
    }
  });
});

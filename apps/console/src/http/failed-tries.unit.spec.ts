import { FailedTries } from './failed-tries.js';

describe('wrong tokens', () => {
  it('make their address wait until the minute is over, and no other', () => {
    const tries = new FailedTries();
    for (let n = 0; n < 30; n += 1) tries.failed('a', 1_000);
    expect([tries.waitSeconds('a', 2_000), tries.waitSeconds('b', 2_000), tries.waitSeconds('a', 61_000)]).toEqual([
      59, 0, 0,
    ]);
  });

  it('of many addresses take no more memory than those of a thousand', () => {
    const tries = new FailedTries();
    for (let n = 0; n < 5_000; n += 1) tries.failed(`address ${n}`, 0);
    expect(tries['windows'].size).toBe(1_000);
  });
});

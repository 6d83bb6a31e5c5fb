import { ageSeconds, type OffsetAtAge } from './lag-age.js';

/** A partition whose record n is n × 10 s old at offset 100 - n. */
const topic: OffsetAtAge = async (ageMs) => new Map([[0, BigInt(Math.max(0, 101 - Math.ceil(ageMs / 10_000)))]]);

describe('how old the first unread record is', () => {
  it.each([10, 20, 70, 350, 900])('is %i s, at most 6 %% more', async (seconds) => {
    const found = await ageSeconds(topic, 0, BigInt(100 - seconds / 10));
    expect(found).toBeGreaterThanOrEqual(seconds);
    expect(found).toBeLessThanOrEqual(Math.ceil(seconds * 1.07) + 1);
  });

  it('is 1 s for what just came', async () => {
    expect(await ageSeconds(async () => new Map([[0, 5n]]), 0, 5n)).toBe(1);
  });

  it('ends also for a record without a time', async () => {
    expect(await ageSeconds(async () => new Map(), 0, 5n)).toBeGreaterThan(31_536_000);
  });
});

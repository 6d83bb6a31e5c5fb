import { getHeapSpaceStatistics } from 'node:v8';
import { collector, IdleMemory } from './idle-memory.js';

describe('memory of an idle service', () => {
  let awake: number;
  let collected: number;
  let memory: IdleMemory;
  beforeEach(() => {
    [awake, collected] = [0, 0];
    memory = new IdleMemory({ awake: () => awake, collect: () => (collected += 1) });
  });
  const looks = (...shares: number[]): void => {
    for (const share of shares) {
      awake = share;
      memory.look();
    }
  };

  it('is given back after two idle looks, once', () => {
    looks(0.01);
    expect(collected).toBe(0);
    looks(0.01, 0.01, 0.01);
    expect(collected).toBe(1);
  });

  it('is given back again only after the service has worked', () => {
    looks(0.01, 0.01, 0.5, 0.01, 0.01, 0.01);
    expect(collected).toBe(2);
  });

  it('is not touched while the service works', () => {
    looks(0.5, 0.01, 0.5, 0.01, 0.5);
    expect(collected).toBe(0);
  });

  it('loses the room for young objects', () => {
    const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
    const kept = Array.from({ length: 200_000 }, (_, n) => ({ n }));
    const before = young();
    collector()();
    expect(kept).toHaveLength(200_000);
    expect(young()).toBeLessThan(before);
  });
});

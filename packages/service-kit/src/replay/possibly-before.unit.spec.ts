import type { PastEvent } from './past-events.js';
import { possiblyBefore } from './possibly-before.js';

function eventOf(causationId: string, id: string): PastEvent {
  return { id, metadata: { causationId } } as PastEvent;
}

const idsOf = (sets: readonly PastEvent[][]) => sets.map((set) => set.map(({ id }) => id).join(''));

describe('what may have come before a decision', () => {
  it('is nothing when nothing else was decided with it', () => {
    expect(possiblyBefore([])).toEqual([[]]);
  });

  it('is every set of the other decisions, each whole', () => {
    const beside = [eventOf('1', 'a'), eventOf('2', 'c'), eventOf('1', 'b')];
    expect(idsOf(possiblyBefore(beside)).sort()).toEqual(['', 'ab', 'abc', 'c']);
  });

  it('is one more each time from none to all when there are many', () => {
    const beside = Array.from({ length: 7 }, (_, n) => eventOf(String(n), String(n)));
    expect(idsOf(possiblyBefore(beside))).toEqual(['', '0', '01', '012', '0123', '01234', '012345', '0123456']);
  });
});

import { stateChanges } from './state-changes.js';

describe('what an event changed in a state', () => {
  it('is nothing when the states say the same', () => {
    expect(stateChanges({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
  });

  it('names each value that came, went or changed by its place', () => {
    const before = { status: 'authorised', review: { id: 'r1', at: 5 }, open: ['a', 'b'], gone: 1 };
    const after = { status: 'captured', review: { id: 'r1', at: 6 }, open: ['a', 'c', 'd'], come: { x: 1 } };
    expect(stateChanges(before, after)).toEqual([
      { path: 'come', after: { x: 1 } },
      { path: 'gone', before: 1 },
      { path: 'open[1]', before: 'b', after: 'c' },
      { path: 'open[2]', after: 'd' },
      { path: 'review.at', before: 5, after: 6 },
      { path: 'status', before: 'authorised', after: 'captured' },
    ]);
  });

  it('is the whole state when its kind changed', () => {
    expect(stateChanges(undefined, 3)).toEqual([{ path: '', after: 3 }]);
    expect(stateChanges({ a: [] }, { a: {} })).toEqual([{ path: 'a', before: [], after: {} }]);
  });
});

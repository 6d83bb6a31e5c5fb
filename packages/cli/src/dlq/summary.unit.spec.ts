import type { Letter } from './letters.js';
import { groupsOf, trendOf } from './summary.js';

const letter = (id: string, failedAt: number, more: Partial<Letter> = {}): Letter => ({
  ...{ id, failedAt, service: 'fraud', type: 'a.v1.B', reason: 'R', handler: 'H', place: null, attempts: 3 },
  status: 'open',
  ...more,
});

describe('the summary of dead letters', () => {
  it('counts each group in the period and before, the newest as the sample', () => {
    const letters = [
      letter('new', 30),
      letter('other', 25, { reason: 'S' }),
      letter('older', 20, { status: 'redriven' }),
      letter('before', 5),
      letter('gone', 4, { reason: 'T' }),
    ];
    expect(groupsOf(letters, 10)).toMatchObject([
      { reason: 'R', count: 2, before: 1, open: 1, sample: 'new' },
      { reason: 'S', count: 1, before: 0, open: 1, sample: 'other' },
    ]);
  });

  it.each([
    [3, 0, 'new'],
    [3, 3, '='],
    [5, 3, '+2'],
    [1, 3, '-2'],
  ])('says of %i after %i: %s', (count, before, trend) => {
    expect(trendOf({ count, before })).toBe(trend);
  });
});

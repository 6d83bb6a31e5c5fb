import type { LearnedScore } from './learned-score.js';

/** The points that people set before any were learned; kept to compare with (`backtest`). */
export const HAND_SET_WEIGHTS: LearnedScore = {
  version: 'hand-set',
  base: -6,
  trained: { rows: 0, frauds: 0, fromDay: 0, toDay: 0, data: '' },
  steps: {
    'amount-band': [
      [150, 0.3125],
      [190, 1],
      [220, 4.75],
    ],
    'amount-vs-history': [
      [2, 0.625],
      [2.25, 1.375],
      [2.5, 2.625],
      [3, 4.25],
      [4, 5.5],
    ],
    'recent-spikes': [
      [1, 2.5],
      [2, 3.375],
    ],
    'customer-frauds': [[1, 0.3125]],
    'merchant-frauds': [
      [1, 2.375],
      [2, 4.625],
      [3, 6.75],
      [4, 8.625],
      [10, 7.75],
      [15, 6.75],
      [20, 5],
    ],
    'merchant-run-days': [],
  },
};

import fc from 'fast-check';
import { POINT_STEP } from '../learned-score.js';
import { asModule } from './as-module.js';
import { binOf, edgesOf } from './edges.js';
import { fit, type Cell } from './fit.js';

const SHAPE = { bins: 3, reference: 0, rising: true, pointsMax: 8, pointsMin: -2 };

describe('fit', () => {
  it('finds the log-odds that made the data', () => {
    const rates = [0.01, 0.1, 0.5];
    const cells = rates.map((rate, bin): Cell => ({ bins: [bin], rows: 100_000, frauds: 100_000 * rate }));

    const { points, base } = fit(cells, [SHAPE]);

    const logit = (rate: number): number => Math.log(rate / (1 - rate));
    expect(base).toBeCloseTo(logit(0.01), 1);
    expect(points[0]![1]).toBeCloseTo(logit(0.1) - logit(0.01), 1);
    expect(points[0]![2]).toBeCloseTo(logit(0.5) - logit(0.01), 1);
  });

  it('never lets points fall where they must rise, nor leave their bounds, whatever the data', () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 4,
      maxLength: 4,
    });
    fc.assert(
      fc.property(counts, (bins) => {
        const cells = bins.map(([rows, rate], bin): Cell => ({ bins: [bin], rows, frauds: Math.floor(rows * rate) }));
        const { points } = fit(cells, [{ ...SHAPE, bins: 4, pointsMax: 3 }]);
        points[0]!.forEach((point, bin) => {
          expect(point).toBeLessThanOrEqual(3);
          expect(point).toBeGreaterThanOrEqual(-2);
          if (bin > 0) expect(point).toBeGreaterThanOrEqual(points[0]![bin - 1]!);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('gives no points to what is unknown', () => {
    const cells: Cell[] = [
      { bins: [-1], rows: 1_000, frauds: 500 },
      { bins: [0], rows: 1_000, frauds: 10 },
    ];

    expect(fit(cells, [{ ...SHAPE, bins: 1 }]).points).toEqual([[0]]);
  });
});

describe('bins', () => {
  it('put every value at or above its edge and below the next', () => {
    const values = fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), { minLength: 500, maxLength: 800 });
    fc.assert(
      fc.property(values, (given) => {
        const edges = edgesOf(
          given,
          given.map((_, at) => (at % 7 === 0 ? 1 : 0)),
        );
        expect(edges).toEqual([...edges].sort((a, b) => a - b));
        for (const value of given) {
          const bin = binOf(edges, value);
          if (value >= edges[0]!) expect(edges[bin]!).toBeLessThanOrEqual(value);
          expect(edges[bin + 1] ?? Infinity).toBeGreaterThan(value);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('asModule', () => {
  it('writes every table with its points', () => {
    const text = asModule({
      ...{ version: 'abc', base: -6, trained: { rows: 1, frauds: 1, fromDay: 0, toDay: 1, data: 'd' } },
      steps: {
        'amount-band': [
          [10, POINT_STEP],
          [20, 1],
        ],
        'amount-vs-history': [[2, 1]],
        'recent-spikes': [],
        'customer-frauds': [],
        'merchant-frauds': [],
        'merchant-run-days': [],
      },
    });

    expect(text).toContain("version: 'abc'");
    expect(text).toContain('      [10, 0.03125],\n      [20, 1],\n');
    expect(text).toContain("'amount-vs-history': [[2, 1]],");
  });
});

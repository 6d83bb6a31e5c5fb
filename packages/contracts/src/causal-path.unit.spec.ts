import fc from 'fast-check';
import { drawPath } from './causal-path.js';

describe('a drawn causal path', () => {
  it('says a repetition once with its count', () => {
    expect(drawPath(['R@1', 'A@2', 'B@3', 'A@2', 'B@3', 'A@2', 'B@3', 'A@2'])).toBe('R@1 → (A@2 → B@3) × 3 → A@2');
    expect(drawPath(['A@1', 'A@1'])).toBe('A@1 × 2');
    expect(drawPath([])).toBe('');
  });

  it('gives back every step when its repetitions are written out', () => {
    const paths = fc.array(fc.constantFrom('A@1', 'B@2', 'C@3'), { maxLength: 64 });
    fc.assert(
      fc.property(paths, (path) => {
        const written = drawPath(path)
          .replaceAll(/\(([^)]*)\) × (\d+)/g, (_, unit: string, times) => Array(Number(times)).fill(unit).join(' → '))
          .replaceAll(/(\S+) × (\d+)/g, (_, unit: string, times) => Array(Number(times)).fill(unit).join(' → '));
        expect(written).toBe(path.join(' → '));
      }),
    );
  });
});

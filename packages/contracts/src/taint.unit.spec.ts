import fc from 'fast-check';
import { isWithin, joinTaint, taintOf, TAINTS } from './taint.js';

const label = fc.constantFrom(...TAINTS);

describe('taint', () => {
  it('joins to the most restrictive label, whatever the order and however often', () => {
    fc.assert(
      fc.property(fc.array(label, { minLength: 1 }), (labels) => {
        const joined = joinTaint(...labels);
        expect(labels).toContain(joined);
        expect(labels.every((one) => isWithin(one, joined))).toBe(true);
        expect(joinTaint(...labels.toReversed(), joined)).toBe(joined);
      }),
    );
  });

  it('takes what has no label for untrusted', () => {
    expect(joinTaint()).toBe('untrusted');
    expect(joinTaint('endorsed', undefined)).toBe('untrusted');
    expect(isWithin(undefined, 'provider')).toBe(false);
  });

  it('takes a label that it does not know for untrusted', () => {
    expect(taintOf('trusted')).toBe('untrusted');
    expect(taintOf('')).toBe('untrusted');
    expect(TAINTS.map(taintOf)).toEqual(TAINTS);
  });
});

import fc from 'fast-check';
import { isExact, plainDecimal } from './exact-text.js';

const row = { data: '{"amount": 12.5}', metadata: '{"hops": 3}', occurredAt: '2026-01-31 12:00:00.123+00' };

describe('the text of a stored event', () => {
  it.each([
    ['a time finer than milliseconds', { occurredAt: '2026-01-31 12:00:00.123456+00' }],
    ['a digit that no double holds', { data: '{"amount": 12.50000000000000000001}' }],
    ['zeros that JSON does not write', { data: '{"amount": 12.50}' }],
    ['a whole number that no double holds', { data: '{"id": 9007199254740993}' }],
    ['the same in metadata', { metadata: '{"hops": 3.0}' }],
  ])('says more than the event with %s', (_, change) => {
    expect(isExact(row)).toBe(true);
    expect(isExact({ ...row, ...change })).toBe(false);
  });

  it('says no more with any number that an event can hold, nor with text that looks like one', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), (number, text) => {
        const stored = plainDecimal(number);
        expect(Number(stored)).toBe(number === 0 ? 0 : number);
        expect(stored).toMatch(/^-?\d+(\.\d+)?$/);
        expect(
          isExact({ ...row, data: `{"n": ${stored}, "t": ${JSON.stringify(`${text}1.50 9007199254740993`)}}` }),
        ).toBe(true);
      }),
    );
  });
});

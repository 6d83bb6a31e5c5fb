import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonical JSON', () => {
  it('is the RFC 8785 text that the reference library writes', () => {
    const names = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.nat().map(String),
      fc.constantFrom('__proto__', 'toString', 'é', '\u20ac'),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(names, tie('value'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(value, (one) => {
        expect(canonicalJson(one)).toBe(canonicalize(one));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves out what JSON leaves out, and asks dates for their text', () => {
    const absent = { toJSON: () => undefined };
    const value = { b: undefined, a: [undefined, () => 1, absent], c: absent, z: new Date(0), f: () => 1 };
    expect(canonicalJson(value)).toBe('{"a":[null,null,null],"z":"1970-01-01T00:00:00.000Z"}');
  });

  it.each([[Infinity], [NaN], ['\ud800'], [{ a: ['\udc00'] }], [{ a: 1n }]])(
    'refuses %p, which has no text',
    (value) => {
      expect(() => canonicalJson(value)).toThrow(TypeError);
    },
  );
});

import { createRequire } from 'node:module';
import fc from 'fast-check';
import { murmur2 } from './murmur2.js';

const require = createRequire(import.meta.url);

describe('murmur2', () => {
  it("gives what Java's `Utils.murmur2` gives", () => {
    const known = { '21': -973932308, foobar: -790332482, 'a-little-bit-long-string': -985981536 };
    for (const [key, hash] of Object.entries(known)) expect(murmur2(key)).toBe(hash);
  });

  it("gives what kafkajs' own gives, for keys of every length", () => {
    const original = require('kafkajs/src/producer/partitioners/default/murmur2.js') as (
      key: Buffer | string,
    ) => number;
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }).map(Buffer.from), fc.string()), (key) => {
        expect(murmur2(key)).toBe(original(key));
      }),
    );
  });
});

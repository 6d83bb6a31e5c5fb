import { createRequire } from 'node:module';
import fc from 'fast-check';
import { crc32c } from './crc32c.js';

const require = createRequire(import.meta.url);

describe('crc32c', () => {
  it('gives the check value of the catalogue of CRC algorithms (CRC-32/ISCSI, "123456789")', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });

  it("gives what kafkajs' own gives, at every length and alignment", () => {
    const original = require('kafkajs/src/protocol/recordBatch/crc32C/crc32C.js') as (bytes: Uint8Array) => number;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(crc32c(bytes)).toBe(original(bytes));
      }),
    );
  });
});

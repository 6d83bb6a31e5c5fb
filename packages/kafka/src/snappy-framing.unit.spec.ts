import { randomBytes } from 'node:crypto';
import snappy from 'snappyjs';
import { compressSnappy, decompressSnappy } from './snappy-framing.js';

describe('snappy framing', () => {
  it.each([0, 1, 32 * 1024, 32 * 1024 + 1, 100_000])('gives back %d bytes as they were', (size) => {
    const data = randomBytes(size);
    expect(decompressSnappy(compressSnappy(data)).equals(data)).toBe(true);
  });

  it('writes the header Java clients look for', () => {
    expect(compressSnappy(Buffer.from('x')).subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001');
  });

  it('reads bare snappy as librdkafka writes it', () => {
    expect(decompressSnappy(Buffer.from(snappy.compress(Buffer.from('bare')))).toString()).toBe('bare');
  });

  it('refuses a batch that is cut short', () => {
    const packed = compressSnappy(randomBytes(1000));
    expect(() => decompressSnappy(packed.subarray(0, packed.length - 10))).toThrow(
      expect.objectContaining({ code: 'UNDECODABLE' }),
    );
  });
});

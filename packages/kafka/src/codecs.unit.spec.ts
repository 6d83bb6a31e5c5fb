import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { registerCodecs } from './codecs.js';

const fixtures = join(import.meta.dirname, '../fixtures');
const text = Array.from({ length: 4000 }, (_, line) => `line ${line} of the fixture\n`).join('');

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(data: Buffer): Promise<Buffer>;
}

describe('codecs', () => {
  beforeAll(() => registerCodecs());

  const types: [string, number][] = [
    ['gzip', kafkajs.CompressionTypes.GZIP],
    ['snappy', kafkajs.CompressionTypes.Snappy],
    ['lz4', kafkajs.CompressionTypes.LZ4],
    ['zstd', kafkajs.CompressionTypes.ZSTD],
  ];

  it.each(types)('reads %s as the JVM client packs it', async (name, type) => {
    const packed = readFileSync(join(fixtures, `${name}.bin`));
    expect(String(await codecOf(type).decompress(packed))).toBe(text);
  });

  it.each(types)('gives back what it packed with %s', async (_name, type) => {
    const codec = codecOf(type);
    const packed = await codec.compress({ buffer: Buffer.from(text) });
    expect(packed.length).toBeLessThan(text.length / 2);
    expect(String(await codec.decompress(packed))).toBe(text);
  });

  it('does not unpack a small batch into memory it has no bound for', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    await expect(codecOf(kafkajs.CompressionTypes.GZIP).decompress(bomb)).rejects.toThrow();
  });

  it.each(types)('rejects a damaged %s batch instead of crashing', async (_name, type) => {
    await expect(codecOf(type).decompress(Buffer.from('no such format at all'))).rejects.toThrow();
  });
});

/** kafkajs keeps a factory per type. */
function codecOf(type: number): Codec {
  const factory = (kafkajs.CompressionCodecs as Record<number, () => Codec>)[type];
  if (!factory) throw new Error(`no codec ${type}`);
  return factory();
}

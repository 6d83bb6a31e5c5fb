import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSnappy, decompressSnappy } from './snappy-framing.js';

/** A batch never grows beyond this when it is unpacked, whatever its sender claims (K20); LZ4 is bounded by its format. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Registers every codec a Java client may use. kafkajs has gzip alone built in (unbounded), and a batch in another codec stops its
 * consumer for good (K16). May be called more than once.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const limit = { maxOutputLength: UNPACKED_BYTES_MAX };
  CompressionCodecs[CompressionTypes.GZIP] = () => codec(gzipSync, (data) => gunzipSync(data, limit));
  CompressionCodecs[CompressionTypes.Snappy] = () => codec(compressSnappy, decompressSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = () => codec((data) => compressFrameSync(data), decompressFrameSync);
  CompressionCodecs[CompressionTypes.ZSTD] = () => codec(zstdCompressSync, (data) => zstdDecompressSync(data, limit));
}

function codec(compress: (data: Buffer) => Buffer, decompress: (data: Buffer) => Buffer): object {
  return {
    compress: (encoder: { buffer: Buffer }) => Promise.resolve(compress(encoder.buffer)),
    // An async function, so that what a broken batch throws rejects the fetch instead of escaping it.
    decompress: async (data: Buffer) => decompress(data),
  };
}

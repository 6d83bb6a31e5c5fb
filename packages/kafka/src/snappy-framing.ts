import snappy from 'snappyjs';
import { KafkaError } from './kafka-error.js';

/** Java clients wrap Snappy in the framing of snappy-java ("xerial"), which no other implementation writes by itself. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const BLOCK_BYTES = 32 * 1024;
const LENGTH_BYTES = 4;
/** A block says how large it becomes, and memory is taken for it: what it says is not believed beyond this. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/** Packs as a Java client does: the header, then blocks of at most 32 KiB, each behind its length. */
export function compressSnappy(data: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let start = 0; start < data.length; start += BLOCK_BYTES) {
    const block = Buffer.from(snappy.compress(data.subarray(start, start + BLOCK_BYTES)));
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** Unpacks both forms: framed (Java) and bare (librdkafka). Throws `UNDECODABLE` on a block longer than the rest. */
export function decompressSnappy(data: Buffer): Buffer {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return unpack(data);
  const parts: Buffer[] = [];
  let position = XERIAL_HEADER.length;
  while (position < data.length) {
    const length = position + LENGTH_BYTES <= data.length ? data.readInt32BE(position) : -1;
    position += LENGTH_BYTES;
    if (length < 0 || position + length > data.length) {
      throw new KafkaError(
        'UNDECODABLE',
        `a snappy block at byte ${position} is cut short; the sender's batch is damaged`,
      );
    }
    parts.push(unpack(data.subarray(position, position + length)));
    position += length;
  }
  return Buffer.concat(parts);
}

function unpack(block: Buffer): Buffer {
  return Buffer.from(snappy.uncompress(block, UNPACKED_BYTES_MAX));
}

import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';
import { murmur2 } from './murmur2.js';

/** A record as kafkajs hands it to its encoder. */
export interface RawRecord {
  offsetDelta?: number;
  timestampDelta?: number;
  key?: Buffer | string | null;
  value?: Buffer | string | null;
  headers?: Record<string, Buffer | string | (Buffer | string)[]>;
}

/** What kafkajs takes for an encoder: the written part of `buf`. */
export interface Encoder {
  buf: Buffer;
  offset: number;
}

type RecordEncoder = (record: RawRecord) => Encoder;

const require = createRequire(import.meta.url);
const { prototype } = require('kafkajs/src/protocol/encoder.js') as { prototype: Growing };
const RECORD_ENCODER = 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
const CHECKSUM = 'kafkajs/src/protocol/recordBatch/crc32C/index.js';
const KEY_HASH = 'kafkajs/src/producer/partitioners/default/murmur2.js';

/**
 * Writes a record (format v2) into one buffer of its size. kafkajs zeroes 512 bytes for the record and for each of its
 * headers, and copies all of them twice, which for the 14 headers of a message costs more than everything else in a send.
 * Returns undefined for what it leaves to kafkajs: header lists and deltas beyond 31 bits.
 */
export function encodeRecord(record: RawRecord): Buffer | undefined {
  const { offsetDelta = 0, timestampDelta = 0, headers = {} } = record;
  if (!isSmall(offsetDelta) || !isSmall(timestampDelta)) return undefined;
  const names = Object.keys(headers);
  let bodyBytes = 1 + varIntBytes(timestampDelta) + varIntBytes(offsetDelta) + varIntBytes(names.length);
  bodyBytes += fieldBytes(record.key) + fieldBytes(record.value);
  for (const name of names) {
    const value = headers[name];
    if (Array.isArray(value)) return undefined;
    bodyBytes += fieldBytes(name) + fieldBytes(value);
  }
  const buffer = Buffer.allocUnsafe(varIntBytes(bodyBytes) + bodyBytes);
  let offset = writeVarInt(buffer, 0, bodyBytes);
  offset = buffer.writeInt8(0, offset); // attributes: none are defined
  offset = writeVarInt(buffer, offset, timestampDelta);
  offset = writeVarInt(buffer, offset, offsetDelta);
  offset = writeField(buffer, offset, record.key);
  offset = writeField(buffer, offset, record.value);
  offset = writeVarInt(buffer, offset, names.length);
  for (const name of names) {
    offset = writeField(buffer, offset, name);
    offset = writeField(buffer, offset, headers[name] as Buffer | string | null | undefined);
  }
  return buffer;
}

interface Growing extends Encoder {
  ensureAvailable(bytes: number): void;
}

/** Puts `encodeRecord`, `crc32c` and `murmur2` in the places of kafkajs' own; must run before kafkajs is loaded. */
function patchEncoders(): void {
  const original = require(RECORD_ENCODER) as RecordEncoder;
  replace(RECORD_ENCODER, (record: RawRecord): Encoder => {
    const buffer = encodeRecord(record);
    return buffer ? encoderOf(buffer) : original(record);
  });
  require(CHECKSUM);
  replace(CHECKSUM, crc32c);
  require(KEY_HASH);
  replace(KEY_HASH, murmur2);
  // A request's buffer is written to its end before it is read, so clearing it first is wasted.
  prototype.ensureAvailable = function (bytes: number): void {
    if (this.offset + bytes <= this.buf.length) return;
    // What is large comes whole, and little or nothing after it.
    const grown = Buffer.allocUnsafe(Math.max(this.offset + bytes, 2 * this.buf.length));
    this.buf.copy(grown, 0, 0, this.offset);
    this.buf = grown;
  };
}

/** The buffer as what kafkajs takes for an encoder. */
export function encoderOf(buffer: Buffer): Encoder {
  return Object.assign(Object.create(prototype) as Encoder, { buf: buffer, offset: buffer.length });
}

/** Puts this in the place of what a module of kafkajs exports. */
export function replace(module: string, exports: unknown): void {
  require.cache[require.resolve(module)]!.exports = exports;
}

patchEncoders();

function isSmall(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 30;
}

/** A length and the bytes; absent is length -1. */
function fieldBytes(value: Buffer | string | null | undefined): number {
  if (value == null) return 1;
  const bytes = Buffer.byteLength(value);
  return varIntBytes(bytes) + bytes;
}

function writeField(buffer: Buffer, offset: number, value: Buffer | string | null | undefined): number {
  if (value == null) return writeVarInt(buffer, offset, -1);
  if (typeof value !== 'string') {
    const start = writeVarInt(buffer, offset, value.length);
    return start + value.copy(buffer, start);
  }
  const start = writeVarInt(buffer, offset, Buffer.byteLength(value));
  return start + buffer.write(value, start, 'utf8');
}

/** Zig-zag, then seven bits a byte, low bits first. */
function writeVarInt(buffer: Buffer, offset: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let at = offset;
  while (rest > 127) {
    buffer[at] = (rest & 127) | 128;
    rest >>>= 7;
    at += 1;
  }
  buffer[at] = rest;
  return at + 1;
}

function varIntBytes(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let bytes = 1;
  while (rest > 127) {
    rest >>>= 7;
    bytes += 1;
  }
  return bytes;
}

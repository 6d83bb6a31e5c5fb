import { createRequire } from 'node:module';
import { crc32c } from './crc32c.js';
import { encodeRecord, encoderOf, replace, type Encoder, type RawRecord } from './record-encoder-patch.js';

type Message = RawRecord & { readonly timestamp?: string | number | null };

/** A request to produce, as kafkajs hands it to its encoder. */
export interface ProduceRequest {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: { toString(): string };
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly firstSequence?: number;
      readonly messages: readonly Message[];
    }[];
  }[];
}

const require = createRequire(import.meta.url);
const PRODUCE_REQUEST = 'kafkajs/src/protocol/requests/produce/v3/request.js';

const MAGIC = 2;
const TRANSACTIONAL = 16;
/** First offset and length, which the length does not count. */
const PREFIX_BYTES = 12;
/** Leader epoch, magic and checksum, which the checksum does not cover. */
const UNCHECKED_BYTES = 9;
const BATCH_BYTES = 61;

interface Batch {
  readonly records: readonly Buffer[];
  readonly bytes: number;
}

/**
 * Writes a request to produce (version 3 to 7) into one buffer of its size. kafkajs writes each batch into a buffer, that into a second and so on,
 * eight in all, each grown to twice what it needs: memory enough to keep a busy sender collecting garbage for a quarter of its time.
 * Returns undefined for what it leaves to kafkajs: compression, timestamps of one's own, and records that `encodeRecord` leaves to it.
 */
export function encodeProduce(request: ProduceRequest): Buffer | undefined {
  if (request.compression) return undefined;
  const batches: Batch[] = [];
  let bytes = stringBytes(request.transactionalId) + 2 + 4 + 4;
  for (const { topic, partitions } of request.topicData) {
    bytes += stringBytes(topic) + 4;
    for (const { messages } of partitions) {
      const batch = batchOf(messages);
      if (!batch) return undefined;
      batches.push(batch);
      bytes += 4 + 4 + batch.bytes;
    }
  }
  return written(request, batches, Buffer.allocUnsafe(bytes));
}

function written(request: ProduceRequest, batches: readonly Batch[], buffer: Buffer): Buffer {
  const { transactionalId, acks, timeout, topicData } = request;
  let offset = writeString(buffer, 0, transactionalId);
  offset = buffer.writeInt16BE(acks, offset);
  offset = buffer.writeInt32BE(timeout, offset);
  offset = buffer.writeInt32BE(topicData.length, offset);
  let next = 0;
  for (const { topic, partitions } of topicData) {
    offset = writeString(buffer, offset, topic);
    offset = buffer.writeInt32BE(partitions.length, offset);
    for (const { partition, firstSequence = 0 } of partitions) {
      const batch = batches[next++]!;
      offset = buffer.writeInt32BE(partition, offset);
      offset = buffer.writeInt32BE(batch.bytes, offset);
      offset = writeBatch(buffer, offset, batch, { ...request, firstSequence });
    }
  }
  return buffer;
}

function batchOf(messages: readonly Message[]): Batch | undefined {
  const records: Buffer[] = [];
  let bytes = BATCH_BYTES;
  for (const [offsetDelta, message] of messages.entries()) {
    const record = message.timestamp == null ? encodeRecord({ ...message, offsetDelta, timestampDelta: 0 }) : undefined;
    if (!record) return undefined;
    records.push(record);
    bytes += record.length;
  }
  return { records, bytes };
}

function writeBatch(
  buffer: Buffer,
  start: number,
  { records, bytes }: Batch,
  { transactionalId, producerId = -1, producerEpoch = 0, firstSequence }: ProduceRequest & { firstSequence: number },
): number {
  const now = BigInt(Date.now());
  let offset = buffer.writeBigInt64BE(0n, start);
  offset = buffer.writeInt32BE(bytes - PREFIX_BYTES, offset);
  offset = buffer.writeInt32BE(0, offset);
  offset = buffer.writeInt8(MAGIC, offset);
  const checksumAt = offset;
  offset = buffer.writeInt16BE(transactionalId ? TRANSACTIONAL : 0, offset + 4);
  offset = buffer.writeInt32BE(records.length - 1, offset);
  offset = buffer.writeBigInt64BE(now, offset);
  offset = buffer.writeBigInt64BE(now, offset);
  offset = buffer.writeBigInt64BE(BigInt(producerId.toString()), offset);
  offset = buffer.writeInt16BE(producerEpoch, offset);
  offset = buffer.writeInt32BE(firstSequence, offset);
  offset = buffer.writeInt32BE(records.length, offset);
  for (const record of records) offset += record.copy(buffer, offset);
  buffer.writeUInt32BE(crc32c(buffer.subarray(start + PREFIX_BYTES + UNCHECKED_BYTES, offset)), checksumAt);
  return offset;
}

function stringBytes(text: string | null | undefined): number {
  return 2 + (text == null ? 0 : Buffer.byteLength(text));
}

function writeString(buffer: Buffer, at: number, text: string | null | undefined): number {
  if (text == null) return buffer.writeInt16BE(-1, at);
  const start = buffer.writeInt16BE(Buffer.byteLength(text), at);
  return start + buffer.write(text, start, 'utf8');
}

type Encoding = (request: ProduceRequest) => { encode(): Promise<Encoder> };

/** Puts `encodeProduce` in the place of kafkajs' own; must run before kafkajs is loaded, and after its records' encoder is replaced. */
function patchProduce(): void {
  const original = require(PRODUCE_REQUEST) as Encoding;
  replace(PRODUCE_REQUEST, (request: ProduceRequest) => {
    const own = original(request);
    const encode = (): Promise<Encoder> => {
      const buffer = encodeProduce(request);
      return buffer ? Promise.resolve(encoderOf(buffer)) : own.encode();
    };
    return { ...own, encode };
  });
}

patchProduce();

import { KafkaError } from './kafka-error.js';

const MAGIC_BYTE = 0;
const HEADER_BYTES = 5;

/** Puts Avro bytes into the Confluent wire format: 0x00, the schema id as a big-endian 32-bit integer, the bytes. */
export function frame(schemaId: number, avro: Buffer): Buffer {
  const value = Buffer.allocUnsafe(HEADER_BYTES + avro.length);
  value[0] = MAGIC_BYTE;
  value.writeInt32BE(schemaId, 1);
  avro.copy(value, HEADER_BYTES);
  return value;
}

/** The inverse of `frame`; the payload shares the memory of `value`. Throws `UNDECODABLE` when it isn't that format. */
export function unframe(value: Buffer): { schemaId: number; payload: Buffer } {
  if (value.length < HEADER_BYTES) {
    throw new KafkaError(
      'UNDECODABLE',
      `${value.length} bytes can't hold the ${HEADER_BYTES} byte schema header; produce with the Confluent wire format`,
    );
  }
  if (value[0] !== MAGIC_BYTE) {
    throw new KafkaError(
      'UNDECODABLE',
      `first byte is ${value[0]} instead of 0; produce with the Confluent wire format`,
    );
  }
  const schemaId = value.readInt32BE(1);
  if (schemaId <= 0) {
    throw new KafkaError(
      'UNDECODABLE',
      `schema id ${schemaId} is not a registry id; produce with the Confluent wire format`,
    );
  }
  return { schemaId, payload: value.subarray(HEADER_BYTES) };
}

import { faultOf } from '@towpath/contracts/avro-fault';
import { KafkaError, reasonOf } from './kafka-error.js';
import type { InboundRecord } from './record.js';
import type { Registry } from './registry.js';

/** One way of reading a value, and how it went. */
export interface DecodeAttempt {
  /** where the schema is named: `value: 0x00 + id`, `header apicurio.value.globalId`, … */
  form: string;
  /** whether the record is of this form at all; when not, `reason` says by which byte or header */
  applies: boolean;
  schemaId?: number;
  /** the schema's full name, once it is known */
  type?: string;
  /** the field that doesn't fit, such as `signals[2].points` */
  field?: string;
  /** the first byte that doesn't fit, counted from the start of the record's value */
  byte?: number;
  /** why it can't be read so; undefined when it can */
  reason?: string;
}

const ID_BYTES = 4;
const GUID_BYTES = 16;
/** Confluent's serializers since 8.0 may put 0x01 and a GUID, or 0x00 and an id, into this header. */
const CONFLUENT_HEADER = '__value_schema_id';
/** Apicurio's serializers put a 64-bit id into one of these, by their settings. */
const APICURIO_HEADERS = ['apicurio.value.globalId', 'apicurio.value.contentId'];

/**
 * Tries every form in which producers name the schema of a value, and says of each why it can't be read: the magic byte, an
 * id that the registry doesn't have, or which field stops fitting at which byte. Throws `REGISTRY_UNAVAILABLE`.
 */
export async function decodeReport(record: InboundRecord, registry: Registry): Promise<DecodeAttempt[]> {
  const { value, rawHeaders } = record;
  if (value === null) return [];
  const attempts = [
    await idInValue(value, registry),
    guidIn('value: 0x01 + GUID', value, 'the value'),
    await confluentHeader(rawHeaders[CONFLUENT_HEADER], value, registry),
  ];
  for (const name of APICURIO_HEADERS) attempts.push(await apicurioHeader(name, rawHeaders[name], value, registry));
  return attempts;
}

async function idInValue(value: Buffer, registry: Registry): Promise<DecodeAttempt> {
  const form = 'value: 0x00 + id';
  if (value.length < 1 + ID_BYTES) {
    return { form, applies: false, reason: `${value.length} bytes can't hold the magic byte and an id of 4 bytes` };
  }
  if (value[0] !== 0) return { form, applies: false, byte: 0, reason: `the magic byte is ${hex(value[0]!)}, not 0x00` };
  return bySchema({ form, applies: true, schemaId: value.readInt32BE(1) }, value, 1 + ID_BYTES, registry);
}

async function confluentHeader(header: Buffer | undefined, value: Buffer, registry: Registry): Promise<DecodeAttempt> {
  const form = `header ${CONFLUENT_HEADER}`;
  if (header === undefined) return { form, applies: false, reason: 'there is no such header' };
  if (header[0] === 1) return guidIn(`${form}: 0x01 + GUID`, header, 'the header');
  if (header[0] !== 0 || header.length !== 1 + ID_BYTES) {
    return { form, applies: false, reason: `its ${header.length} bytes are neither 0x00 + id nor 0x01 + GUID` };
  }
  return bySchema({ form: `${form}: 0x00 + id`, applies: true, schemaId: header.readInt32BE(1) }, value, 0, registry);
}

async function apicurioHeader(
  name: string,
  header: Buffer | undefined,
  value: Buffer,
  registry: Registry,
): Promise<DecodeAttempt> {
  const form = `header ${name}`;
  if (header === undefined) return { form, applies: false, reason: 'there is no such header' };
  if (header.length !== 8) return { form, applies: false, reason: `its ${header.length} bytes are no 64-bit id` };
  return bySchema({ form, applies: true, schemaId: Number(header.readBigInt64BE(0)) }, value, 0, registry);
}

function guidIn(form: string, bytes: Buffer, where: string): DecodeAttempt {
  if (bytes[0] !== 1) {
    const first = bytes.length === 0 ? 'empty' : `its first byte is ${hex(bytes[0]!)}`;
    return { form, applies: false, byte: 0, reason: `${where} doesn't begin with 0x01: ${first}` };
  }
  if (bytes.length < 1 + GUID_BYTES) {
    return { form, applies: false, reason: `${where} has ${bytes.length} bytes, too few for 0x01 and a GUID` };
  }
  const guid = bytes.toString('hex', 1, 1 + GUID_BYTES).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const reason = `it names the schema ${guid}, and this registry finds schemas by id alone: produce with ids`;
  return { form, applies: true, reason };
}

/** Reads the bytes from `start` on by the schema of the attempt's id. */
async function bySchema(
  attempt: DecodeAttempt & { schemaId: number },
  value: Buffer,
  start: number,
  registry: Registry,
): Promise<DecodeAttempt> {
  if (attempt.schemaId <= 0) return { ...attempt, reason: `${attempt.schemaId} is no id of a registry` };
  try {
    const { type, schema } = await registry.schemaOf(attempt.schemaId);
    const fault = faultOf(schema, value.subarray(start));
    if (!fault) return { ...attempt, type };
    const field = fault.field === '' ? {} : { field: fault.field };
    return { ...attempt, type, ...field, byte: start + fault.byte, reason: fault.reason };
  } catch (error) {
    if (error instanceof KafkaError && error.code === 'SCHEMA_UNKNOWN') return { ...attempt, reason: reasonOf(error) };
    throw error;
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

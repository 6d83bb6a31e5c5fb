import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { encode, fromJson } from '@towpath/contracts/codec';
import { topicOf, type Contract } from '@towpath/contracts/contract';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { services, topicOfName } from '@towpath/contracts/topics';
import { taintOf } from '@towpath/contracts/taint';
import { buildHeaders, type MessageHeaders } from '@towpath/kafka/headers';
import type { OutboundRecord } from '@towpath/kafka/record';
import { frame } from '@towpath/kafka/wire';
import { connectErrors } from './connect-errors.js';
import { timeOf, type EventRow } from './event-row.js';
import { Refusal } from './refusal.js';

/** Room for what Kafka adds around a batch of one record: header, lengths, timestamps. */
const batchOverheadBytes = 512;

/**
 * The Kafka record of a stored event, as CloudEvents headers, key and Confluent-framed Avro.
 * `schemaIds`: registry id per type, as set-up stored them.
 * @throws Refusal when it may not or can't be published; trying again gives the same until a release changes something
 */
export function recordOf(row: EventRow, schemaIds: ReadonlyMap<string, number>): OutboundRecord {
  const contract = contractFor(row);
  const schemaId = schemaIds.get(row.type);
  if (schemaId === undefined) {
    throw new Refusal('SCHEMA_ID_MISSING', `no registry id of ${row.type} is stored: run \`towpath setup\``);
  }
  const data = parse(row.data, 'data');
  const key = data[contract.key];
  if (typeof key !== 'string' || key === '') {
    throw new Refusal('KEY_MISSING', `${row.type} has no ${contract.key}, which is its key`);
  }
  const record: OutboundRecord = {
    topic: topicOf(contract, serviceOfSchema(row.schema)),
    key,
    value: frame(schemaId, encoded(contract, data)),
    headers:
      row.type === DeadLettered.type ? { ...headersOf(row, key), ...connectErrors(row, data) } : headersOf(row, key),
  };
  refuseTooLarge(record);
  return record;
}

/** Bytes of a record on the wire, without what a batch adds around its records. */
export function sizeOf({ key, value, headers }: OutboundRecord): number {
  let bytes = value.length + Buffer.byteLength(key);
  for (const name in headers) bytes += name.length + Buffer.byteLength(headers[name] ?? '') + 2;
  return bytes;
}

function contractFor(row: EventRow): Contract {
  if (!isContract(row.type)) {
    throw new Refusal(
      'CONTRACT_UNKNOWN',
      `this relay knows no contract ${row.type}: deploy the relay with the contracts of its producer`,
    );
  }
  const contract = contractOf(row.type);
  if (contract.kind === 'internal') {
    throw new Refusal('CONTRACT_INTERNAL', `${row.type} is internal and never published, but its row does not say so`);
  }
  const service = serviceOfSchema(row.schema);
  if (contract.kind !== 'platform' && !contract.producers.includes(service)) {
    throw new Refusal(
      'PRODUCER_NOT_ALLOWED',
      `${service} is not among the producers of ${row.type}: ${contract.producers.join(', ')}`,
    );
  }
  return contract;
}

/** Set-up names a service's schema after it, with `-` as `_`. */
const serviceBySchema = new Map(services().map(({ name }) => [name.replaceAll('-', '_'), name]));

function serviceOfSchema(schema: string): string {
  return serviceBySchema.get(schema) ?? schema;
}

function headersOf(row: EventRow, subject: string): Record<string, string> {
  const metadata = parse(row.metadata, 'metadata');
  const trace = textOf(metadata, 'traceparent');
  const state = textOf(metadata, 'tracestate');
  return buildHeaders({
    id: row.id,
    source: `/services/${row.schema}`,
    type: row.type,
    time: timeOf(row.occurredAt),
    subject,
    correlationId: textOf(metadata, 'correlationId') ?? row.id,
    causationId: textOf(metadata, 'causationId') ?? row.id,
    hops: Number(metadata['hops'] ?? 0),
    path: Array.isArray(metadata['path']) ? (metadata['path'] as string[]) : [],
    stream: row.stream,
    sequence: row.version,
    ...(row.hash === '' ? {} : { digest: row.digest, hash: row.hash }),
    ...(trace === undefined ? {} : { traceparent: trace }),
    ...(state === undefined ? {} : { tracestate: state }),
    ...(metadata['late'] === true ? { late: true } : {}),
    ...labelsOf(metadata),
  });
}

/** Who may be believed to have asked for it, as the store has it. */
function labelsOf(metadata: Record<string, unknown>): Pick<MessageHeaders, 'taint' | 'agent' | 'proof'> {
  const [taint, agent, proof] = ['taint', 'agent', 'proof'].map((field) => textOf(metadata, field));
  return {
    ...(taint === undefined ? {} : { taint: taintOf(taint) }),
    ...(agent === undefined ? {} : { agent }),
    ...(proof === undefined ? {} : { proof }),
  };
}

function textOf(metadata: Record<string, unknown>, field: string): string | undefined {
  const value = metadata[field];
  return typeof value === 'string' ? value : undefined;
}

function encoded(contract: Contract, data: Record<string, unknown>): Buffer {
  try {
    return encode(contract, fromJson(contract, data));
  } catch (error) {
    throw new Refusal('DATA_INVALID', (error as Error).message);
  }
}

function parse(text: string, column: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new Refusal('DATA_INVALID', `${column} is not a JSON object`);
}

function refuseTooLarge(record: OutboundRecord): void {
  const bytes = sizeOf(record) + batchOverheadBytes;
  const bytesMax = topicOfName(record.topic).maxMessageBytes;
  if (bytes <= bytesMax) return;
  throw new Refusal('TOO_LARGE', `${bytes} bytes, and ${record.topic} takes ${bytesMax}`);
}

import type { InspectedRecord } from '@towpath/kafka/inspect';

interface Variable {
  readonly name: string;
  /** CEL type */
  readonly type: string;
  readonly doc: string;
}

/** What an expression may ask a record for. */
export const VARIABLES: readonly Variable[] = [
  { name: 'key', type: 'string', doc: 'Kafka key as text; empty when there is none' },
  { name: 'value', type: 'dyn', doc: 'decoded value; null for a tombstone and what can not be decoded' },
  { name: 'headers', type: 'map<string, string>', doc: 'headers as text' },
  { name: 'partition', type: 'int', doc: 'partition' },
  { name: 'offset', type: 'int', doc: 'offset in it' },
  { name: 'timestamp', type: 'google.protobuf.Timestamp', doc: 'when it was produced' },
  {
    name: 'contract',
    type: 'string',
    doc: 'full name of the contract, the ce_type (`type` is a function of the language)',
  },
  { name: 'size', type: 'int', doc: 'bytes of key, value and headers' },
  { name: 'schemaId', type: 'int', doc: 'id in the registry; 0 when it was not decoded' },
];

/** The variables of one record, as CEL has them: whole numbers are bigints, bytes stay bytes. */
export function variablesOf(record: InspectedRecord): Readonly<Record<string, unknown>> {
  return {
    key: record.key?.toString() ?? '',
    value: record.data ?? null,
    headers: record.headers,
    partition: BigInt(record.partition),
    offset: BigInt(record.offset),
    timestamp: new Date(record.timestamp),
    contract: record.type,
    size: BigInt(record.size),
    schemaId: BigInt(record.schemaId ?? 0),
  };
}

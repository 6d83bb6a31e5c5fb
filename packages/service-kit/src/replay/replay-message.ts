import { encode, fromJson } from '@towpath/contracts/codec';
import { contractOf } from '@towpath/contracts/catalogue';
import { keyOf } from '@towpath/contracts/contract';
import { taintOf } from '@towpath/contracts/taint';
import type { Metadata } from '@towpath/event-store/types';
import { buildHeaders } from '@towpath/kafka/headers';
import type { InboundRecord } from '@towpath/kafka/record';
import { frame } from '@towpath/kafka/wire';

/** A message as its producer's store has it. */
export interface StoredMessage {
  /** the service whose store it is in */
  readonly schema: string;
  readonly topic: string;
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly version: number;
  /** JSON form, personal data encrypted */
  readonly data: object;
  readonly metadata: Metadata;
  /** ISO 8601 */
  readonly occurredAt: string;
}

/** A message as a topic has it; bytes in base64. */
export interface RecordedMessage {
  readonly record: {
    readonly topic: string;
    readonly timestamp: number;
    readonly key: string | null;
    readonly value: string | null;
    readonly headers: Readonly<Record<string, string>>;
  };
}

/** One line of a replay's input: a message of the story that the service received. */
export type ReplayMessage = StoredMessage | RecordedMessage;

/** The message as its record on Kafka was; `schemaIdOf` as set-up stored them. */
export function recordOf(message: ReplayMessage, schemaIdOf: (type: string) => number): InboundRecord {
  if ('record' in message) {
    const { topic, timestamp, key, value, headers } = message.record;
    const rawHeaders = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
    const place = { topic, partition: 0, offset: '0', timestamp };
    return { ...place, key: bytesOf(key), value: bytesOf(value), headers: { ...headers }, rawHeaders };
  }
  const contract = contractOf(message.type);
  const data = fromJson(contract, message.data);
  const subject = keyOf(contract, data);
  const headers = buildHeaders({ ...headersOf(message), subject });
  const rawHeaders = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return {
    topic: message.topic,
    partition: 0,
    offset: '0',
    timestamp: Date.parse(message.occurredAt),
    key: Buffer.from(subject),
    value: frame(schemaIdOf(message.type), encode(contract, data)),
    headers,
    rawHeaders,
  };
}

function headersOf({ schema, id, type, stream, version, metadata, occurredAt }: StoredMessage) {
  const { correlationId, causationId, hops, path = [], traceparent, tracestate, late } = metadata;
  const { taint, agent, proof } = metadata;
  return {
    ...{ id, type, stream, sequence: version, correlationId, causationId, hops, path },
    source: `/services/${schema}`,
    time: new Date(occurredAt),
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && { tracestate }),
    ...(late === true && { late: true as const }),
    ...(taint !== undefined && { taint: taintOf(String(taint)) }),
    // Egress carries out what an agent asks for by its proof alone.
    ...(agent !== undefined && { agent }),
    ...(proof !== undefined && { proof }),
  };
}

function bytesOf(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, 'base64');
}

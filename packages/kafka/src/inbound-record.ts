import type { KafkaMessage } from 'kafkajs';
import type { InboundRecord } from './record.js';

/** What kafkajs read, in this package's shape. Of a repeated header the last value counts. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): InboundRecord {
  const headers: Record<string, string> = {};
  const rawHeaders: Record<string, Buffer> = {};
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last === undefined) continue;
    rawHeaders[name] = typeof last === 'string' ? Buffer.from(last) : last;
    headers[name] = last.toString();
  }
  return {
    topic,
    partition,
    offset: message.offset,
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers,
    rawHeaders,
  };
}

/** A header's name and bytes; null where the producer gave none. */
export type RawHeader = readonly [name: string, value: Buffer | null];

/** Every header as it came, repeated ones too. kafkajs groups them by name, so only the order within a name is known. */
export function headersOf({ headers }: Pick<KafkaMessage, 'headers'>): RawHeader[] {
  return Object.entries(headers ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): RawHeader => [name, bytesOf(one)]),
  );
}

function bytesOf(value: Buffer | string | undefined | null): Buffer | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? Buffer.from(value) : value;
}

/** A header as text; empty when absent. */
export function headerText(header: Buffer | string | (Buffer | string)[] | undefined): string {
  const last = Array.isArray(header) ? header.at(-1) : header;
  return last?.toString() ?? '';
}

import type { KafkaMessage } from 'kafkajs';
import type { InboundRecord, RawHeader } from './record.js';

/** What kafkajs read, in this package's shape. Of a repeated header the last value counts. */
export function toRecord(topic: string, partition: number, message: KafkaMessage): InboundRecord {
  const headers: Record<string, string> = {};
  const rawHeaders: Record<string, Buffer> = {};
  const otherHeaders: RawHeader[] = [];
  for (const [name, value] of headersOf(message)) {
    const earlier = rawHeaders[name];
    if (value === null) otherHeaders.push([name, null]);
    else {
      if (earlier) otherHeaders.push([name, earlier]);
      rawHeaders[name] = value;
      headers[name] = value.toString();
    }
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
    ...(otherHeaders.length > 0 && { otherHeaders }),
  };
}

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

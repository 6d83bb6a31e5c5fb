import type { InspectedRecord } from '@towpath/kafka/inspect';
import type { Context } from '../context.js';
import { harmless, readable } from '../readable.js';

/**
 * A record as one JSON object: the line of an export.
 * @param seen its decoded value as it may be shown
 * @param bytes also exactly what the broker holds, as base64; the value only when nothing in it had to be masked as raw
 */
export function recordObject(record: InspectedRecord, seen: unknown, { bytes = false } = {}): object {
  const { topic, partition, offset, timestamp, key, type, headers, size, schemaId, undecodable, value } = record;
  return {
    topic,
    partition,
    offset,
    time: new Date(timestamp).toISOString(),
    key: key?.toString() ?? null,
    type,
    size,
    ...(schemaId !== undefined && { schemaId }),
    headers,
    ...(value === null && { tombstone: true }),
    ...(undecodable === undefined
      ? { data: readable(seen, false) }
      : { undecodable, value: value?.toString('base64') ?? null }),
    ...(bytes && { bytes: bytesOf(record, seen) }),
  };
}

export function recordText(record: InspectedRecord, { colors }: Context, seen: unknown): string {
  const { topic, partition, offset, timestamp, key, type, undecodable, value } = record;
  const place = colors.dim(`${partition}@${offset}  ${new Date(timestamp).toISOString()}`);
  const head = `${place}  ${colors.cyan(harmless(key?.toString() ?? ''))}  ${colors.bold(harmless(type))}`;
  if (value === null) return `${head}\n  tombstone`;
  if (undecodable === undefined) return `${head}\n  ${harmless(JSON.stringify(readable(seen, true)) ?? '')}`;
  const why = colors.dim(`why: towpath topics show ${topic} ${partition} ${offset}`);
  return `${head}\n  ${colors.red(`undecodable: ${harmless(undecodable)}`)}\n  ${why}`;
}

function bytesOf({ key, value, headerList, data }: InspectedRecord, seen: unknown): object {
  const isHidden = holdsBytes(data) && !holdsBytes(seen);
  return {
    key: key?.toString('base64') ?? null,
    ...(isHidden ? { valueMasked: true } : { value: value?.toString('base64') ?? null }),
    headers: headerList.map(([name, header]) => [name, header?.toString('base64') ?? null]),
  };
}

/** What came from outside as it was, such as the body of a delivery. */
function holdsBytes(data: unknown): boolean {
  if (data instanceof Uint8Array) return true;
  return typeof data === 'object' && data !== null && Object.values(data).some(holdsBytes);
}

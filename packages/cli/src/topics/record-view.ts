import type { InspectedRecord } from '@towpath/kafka/inspect';
import type { Context } from '../context.js';
import { harmless, readable } from '../readable.js';
import type { View } from '../reveal/mask.js';

/** A record as one JSON object: the line of an export. With `bytes` also exactly what the broker holds, as base64. */
export function recordObject(record: InspectedRecord, view: View, { bytes = false } = {}): object {
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
      ? { data: readable(view(type, record.data), false) }
      : { undecodable, value: value?.toString('base64') ?? null }),
    ...(bytes && { bytes: bytesOf(record) }),
  };
}

export function recordText(record: InspectedRecord, { colors }: Context, view: View): string {
  const { partition, offset, timestamp, key, type, undecodable, data, value } = record;
  const place = colors.dim(`${partition}@${offset}  ${new Date(timestamp).toISOString()}`);
  const text = value === null ? 'tombstone' : (JSON.stringify(readable(view(type, data), true)) ?? '');
  const shown = undecodable === undefined ? harmless(text) : colors.red(`undecodable: ${harmless(undecodable)}`);
  const why =
    undecodable === undefined
      ? ''
      : `\n  ${colors.dim(`why: towpath topics show ${record.topic} ${partition} ${offset}`)}`;
  return `${place}  ${colors.cyan(harmless(key?.toString() ?? ''))}  ${colors.bold(harmless(type))}\n  ${shown}${why}`;
}

function bytesOf({ key, value, headerList }: InspectedRecord): object {
  return {
    key: key?.toString('base64') ?? null,
    value: value?.toString('base64') ?? null,
    headers: headerList.map(([name, header]) => [name, header?.toString('base64') ?? null]),
  };
}

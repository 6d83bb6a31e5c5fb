import { all } from '@towpath/contracts/catalogue';
import { inspect, type InspectedRecord } from '@towpath/kafka/inspect';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { registryOf } from '../follow-topics.js';
import { quietLogger } from '../quiet-logger.js';
import { harmless, readable } from '../readable.js';
import { typeMatches } from '../watch/filters.js';
import { parseStartingPoint } from './starting-point.js';

export interface TailOptions {
  readonly from: string;
  readonly type?: string;
  readonly key?: string;
  readonly limit?: number;
  readonly follow?: boolean;
}

/** Shows a topic's records, decoded by the registry, until its end, the limit or an abort. */
export async function tail(
  context: Context,
  addresses: Addresses,
  topic: string,
  { from, type, key, limit, follow = false }: TailOptions,
  signal: AbortSignal,
): Promise<void> {
  const records = inspect({
    brokers: addresses.brokers,
    clientId: 'towpath-cli',
    logger: quietLogger,
    topic,
    from: parseStartingPoint(from),
    follow,
    registry: registryOf(addresses),
    signal,
    ...(type !== undefined && { types: typesNamed(type) }),
    ...(key !== undefined && { key }),
  });
  let shown = 0;
  if (limit === 0) return;
  for await (const record of records) {
    context.show(recordText(record, context), recordObject(record));
    shown += 1;
    if (limit !== undefined && shown >= limit) return;
  }
  if (shown === 0) context.note('no such records; --from beginning reads all, --follow waits for new ones');
}

/** The full names of the contracts that a name may mean; the name itself when there is none in this build. */
export function typesNamed(name: string): string[] {
  const found = all().filter(({ type }) => typeMatches(name, type));
  return found.length > 0 ? found.map(({ type }) => type) : [name];
}

export function recordObject(record: InspectedRecord): object {
  const { topic, partition, offset, timestamp, key, type, headers, data, undecodable, value } = record;
  return {
    topic,
    partition,
    offset,
    time: new Date(timestamp).toISOString(),
    key: key?.toString() ?? null,
    type,
    headers,
    ...(value === null && { tombstone: true }),
    ...(undecodable === undefined
      ? { data: readable(data, false) }
      : { undecodable, value: value?.toString('base64') ?? null }),
  };
}

function recordText(record: InspectedRecord, { colors }: Context): string {
  const { partition, offset, timestamp, key, type, undecodable, data, value } = record;
  const place = colors.dim(`${partition}@${offset}  ${new Date(timestamp).toISOString()}`);
  const text = value === null ? 'tombstone' : (JSON.stringify(readable(data, true)) ?? '');
  const shown = undecodable === undefined ? harmless(text) : colors.red(`undecodable: ${harmless(undecodable)}`);
  return `${place}  ${colors.cyan(key?.toString() ?? '')}  ${colors.bold(type)}\n  ${shown}`;
}

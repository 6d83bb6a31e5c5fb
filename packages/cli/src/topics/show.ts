import { decodeReport, type DecodeAttempt } from '@towpath/kafka/decode-report';
import { inspect, type InspectedRecord } from '@towpath/kafka/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { registryOf } from '../follow-topics.js';
import { quietLogger } from '../quiet-logger.js';
import { harmless, readable } from '../readable.js';
import type { View } from '../reveal/mask.js';
import { clockTime } from '../watch/watch-line.js';
import { headerRows } from './header-table.js';
import { recordObject } from './record-view.js';
import { sizeText } from './scan-counter.js';
import { schemaNoteOf, schemaNoteText } from './schema-note.js';

/** Of an undecodable value, so many bytes are shown as hexadecimal; `--json` has all of them. */
const HEX_BYTES_MAX = 512;
const HEX_BYTES_PER_LINE = 16;

/** Shows one record whole: place, headers explained, contract and its owner, value, or why it can't be decoded. Throws RECORD_MISSING. */
export async function showRecord(
  context: Context,
  addresses: Addresses,
  place: { topic: string; partition: number; offset: string },
  view: View,
): Promise<void> {
  const registry = registryOf(addresses);
  const record = await recordAt(addresses, place);
  const seen = await view(record.type, record.data);
  const attempts = record.undecodable === undefined ? [] : await decodeReport(record, registry);
  const schema = await schemaNoteOf(record, registry);
  const lines = [
    placeLine(record, context),
    ...headerRows(record.headerList).map(([name, value, meaning]) => headerLine(name, value, meaning, context)),
    ...(schema ? [schemaNoteText(schema)] : []),
    ...valueLines(record, seen, attempts, context),
  ];
  context.show(lines.join('\n'), {
    ...recordObject(record, seen, { bytes: true }),
    headerTable: headerRows(record.headerList).map(([name, value, meaning]) => ({ name, value, meaning })),
    schema,
    attempts,
  });
}

async function recordAt(
  addresses: Addresses,
  { topic, partition, offset }: { topic: string; partition: number; offset: string },
): Promise<InspectedRecord> {
  const records = inspect({
    brokers: addresses.brokers,
    clientId: 'towpath-cli',
    logger: quietLogger,
    registry: registryOf(addresses),
    topic,
    partitions: [partition],
    from: { offset },
    to: { offset: String(BigInt(offset) + 1n) },
  });
  for await (const record of records) if (record.offset === offset) return record;
  throw new CliError(
    'RECORD_MISSING',
    `${topic} has no record at ${partition}@${offset}: it is past its retention, was compacted away, or never was. ` +
      `\`towpath topics tail ${topic} --partition ${partition}\` shows those there are.`,
  );
}

function placeLine(record: InspectedRecord, { colors }: Context): string {
  const { topic, partition, offset, timestamp, key, size, value, type } = record;
  const time = new Date(timestamp).toISOString();
  return [
    `${colors.bold(harmless(type) || 'no ce_type')}  ${topic}  ${partition}@${offset}`,
    `written ${time} (${clockTime(time)} here), ${sizeText(size)}, of it ${sizeText(value?.length ?? 0)} value`,
    `key ${key === null ? 'none' : colors.cyan(harmless(key.toString()))}`,
  ].join('\n');
}

function headerLine(name: string, value: string, meaning: string, { colors }: Context): string {
  return `  ${harmless(name).padEnd(20)}  ${harmless(value).padEnd(36)}  ${colors.dim(harmless(meaning))}`.trimEnd();
}

function valueLines(
  record: InspectedRecord,
  seen: unknown,
  attempts: readonly DecodeAttempt[],
  { colors }: Context,
): string[] {
  const { value, undecodable } = record;
  if (value === null) return ['tombstone: the key has no value any more'];
  if (undecodable === undefined) return [harmless(JSON.stringify(readable(seen, true), null, 2) ?? 'no value')];
  return [
    colors.red('it can not be decoded:'),
    ...attempts.map((attempt) => `  ${attemptText(attempt)}`),
    `its ${value.length} bytes${value.length > HEX_BYTES_MAX ? `, the first ${HEX_BYTES_MAX}` : ''}:`,
    ...hexLines(value.subarray(0, HEX_BYTES_MAX)),
  ];
}

export function attemptText({ form, schemaId, type, field, byte, reason }: DecodeAttempt): string {
  const schema = schemaId === undefined ? '' : ` (schema ${schemaId}${type === undefined ? '' : `, ${type}`})`;
  const where = [field && `field ${field}`, byte === undefined ? undefined : `byte ${byte}`].filter(Boolean).join(', ');
  return `${form}${schema}: ${where ? `${where}: ` : ''}${reason ?? 'fits'}`;
}

function hexLines(bytes: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += HEX_BYTES_PER_LINE) {
    const pairs = bytes.toString('hex', at, at + HEX_BYTES_PER_LINE).replaceAll(/(..)(?=.)/g, '$1 ');
    lines.push(`  ${at.toString(16).padStart(6, '0')}  ${pairs}`);
  }
  return lines;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalPlatform } from '@towpath/cli/local/platform';
import { registryOf } from '@towpath/cli/follow-topics';
import { quietLogger } from '@towpath/cli/quiet-logger';
import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { topicSettings } from '@towpath/contracts/topics';
import { decryptPii, subjectsOf, type Keys } from '@towpath/event-store/cipher';
import { deadLetterSubject, openLetter, type Sealable } from '@towpath/event-store/sealed-letter';
import { inspect, type InspectedRecord } from '@towpath/kafka/inspect';
import type { ByteSearch } from './byte-search.js';

type Place = Pick<LocalPlatform, 'around' | 'home'>;

/** SQL with all rights, past every role of the platform. */
export type Superuser = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Every row of every table of the database, as text: what a plain dump holds, bytes as hexadecimal digits. */
export async function searchDatabase(sql: Superuser, search: ByteSearch): Promise<void> {
  const tables = await sql<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema$)' order by 1`,
  );
  for (const { name } of tables) {
    for (const { row } of await sql<{ row: string }>(`select t::text as row from ${name} t`)) search.look(name, row);
  }
}

/** The logs of every program of the platform; the stand-in for the provider is none of it. */
export function searchLogs({ home }: Place, search: ByteSearch): void {
  const folder = join(home, 'logs');
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log') && !name.startsWith('sandbox'));
  for (const name of logs) search.look(name, readFileSync(join(folder, name)));
}

/** Keys, headers and values of every record of every topic, from the oldest on. Gives the records that can be decoded. */
export async function searchTopics(place: Place, search: ByteSearch): Promise<InspectedRecord[]> {
  const records: InspectedRecord[] = [];
  for (const { name } of topicSettings()) {
    const about = {
      brokers: place.around.stack.KAFKA_BROKERS.split(','),
      clientId: 'towpath-specs',
      logger: quietLogger,
    };
    const registry = registryOf({ registryUrl: place.around.stack.REGISTRY_URL });
    for await (const record of inspect({ ...about, topic: name, from: 'beginning', registry })) {
      search.look(name, record.key);
      search.look(name, record.value);
      for (const [header, bytes] of record.headerList) search.look(`${name} ${header}`, bytes);
      if (record.data !== undefined) records.push(record);
    }
  }
  return records;
}

/** What somebody reads in stores and topics who has every key that the vault still holds. */
export async function searchDecrypted(
  sql: Superuser,
  records: readonly InspectedRecord[],
  search: ByteSearch,
): Promise<void> {
  const rows = await sql<{ subject: string; key: Buffer | null }>('select subject, key from vault.keys');
  const keys: Keys = new Map(rows.map(({ subject, key }) => [subject, key]));
  for (const { schema } of await sql<{ schema: string }>('select schema from towpath.stores')) {
    const events = await sql<{ type: string; data: unknown }>(
      `select type, data from ${schema}.events where data is not null`,
    );
    for (const { type, data } of events) lookInto(`${schema}.events ${type}`, type, data, keys, search);
  }
  for (const { topic, type, data } of records) lookInto(`${topic} ${type}`, type, data, keys, search);
}

function lookInto(place: string, type: string, data: unknown, keys: Keys, search: ByteSearch): void {
  if (type === DeadLettered.type) {
    const letter = asStored(data as Sealable);
    const key = keys.get(deadLetterSubject(letter));
    if (!key) return;
    const { detail, stack, messageValue } = openLetter(letter, key);
    for (const text of [detail, stack]) search.look(place, text);
    return search.look(place, messageValue === null ? null : Buffer.from(messageValue, 'base64'));
  }
  if (!isContract(type) || contractOf(type).pii.length === 0) return;
  const contract = contractOf(type);
  const own = new Map(subjectsOf(contract, data).map((subject) => [subject, keys.get(subject) ?? null]));
  search.look(place, JSON.stringify(decryptPii(contract, data, own)));
}

/** Bytes are base64 in a store and buffers in a topic. */
function asStored(letter: Sealable): Sealable {
  const value: unknown = letter.messageValue;
  return { ...letter, messageValue: Buffer.isBuffer(value) ? value.toString('base64') : letter.messageValue };
}

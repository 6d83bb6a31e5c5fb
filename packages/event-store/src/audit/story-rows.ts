import pg from 'pg';
import type { ArchivedEvent } from '../archive/archive-file.js';
import { StoreRefusal } from '../errors.js';
import { eventColumns, storedEventOf } from '../rows.js';
import type { TextRows } from '../text-rows.js';
import type { Metadata } from '../types.js';
import type { BundledEvent } from './bundle.js';

export type StoryRow = Omit<BundledEvent, 'proof'>;

/** Reads a file of the archive: its path below the archive's folder, its SHA-256. */
export type ReadArchive = (file: string, sha256: string) => Promise<readonly ArchivedEvent[]>;

/** A story that does not fit is no story. */
const rowsMax = 20_000;

/**
 * Every event of these stories over the stores, by store and position. What left a store for the archive comes from its file; it is
 * looked for in the streams that the stories touch. Throws `STORY_TOO_LARGE`, `ARCHIVE_MISSING`, `ARCHIVE_DAMAGED`.
 */
export async function storyRows(
  rows: TextRows,
  schemas: readonly string[],
  stories: readonly string[],
  readArchive: ReadArchive,
): Promise<StoryRow[]> {
  const found: StoryRow[] = [];
  for (const schema of schemas) {
    const table = `${pg.escapeIdentifier(schema)}.events`;
    const kept = await rows(
      `select ${eventColumns('e')}, e.xact from ${table} e where e.metadata ->> 'correlationId' = any($1) limit ${rowsMax + 1}`,
      [stories],
    );
    found.push(...kept.map((row) => rowOf(schema, row)));
  }
  const streams = [...new Set([...found.map(({ stream }) => stream), ...stories.map((story) => `delivery-${story}`)])];
  for (const schema of schemas) found.push(...(await archived(rows, schema, streams, stories, readArchive)));
  if (found.length > rowsMax)
    throw new StoreRefusal('STORY_TOO_LARGE', `it has more than ${rowsMax} events; name a smaller one`);
  return found.sort((one, other) => compare(one, other));
}

async function archived(
  rows: TextRows,
  schema: string,
  streams: readonly string[],
  stories: readonly string[],
  readArchive: ReadArchive,
): Promise<StoryRow[]> {
  const name = pg.escapeIdentifier(schema);
  const files = await rows(
    `select distinct a.file, encode(a.sha256, 'hex') from ${name}.events e join ${name}.archives a on a.id = e.archive
     where e.stream = any($1) and e.archived_at is not null`,
    [streams],
  );
  const found: StoryRow[] = [];
  for (const [file, sha256] of files) {
    for (const event of await readArchive(file!, sha256!)) {
      if (stories.includes((event.metadata as Metadata).correlationId)) found.push(archivedRowOf(schema, event));
    }
  }
  return found;
}

function rowOf(schema: string, row: readonly (string | null)[]): StoryRow {
  const { occurredAt, hash, ...event } = storedEventOf(row);
  return inOrder({
    schema,
    ...event,
    occurredAt: occurredAt.toISOString(),
    xact: row[10]!,
    hash: hash.toString('hex'),
  });
}

function archivedRowOf(schema: string, { digest: _digest, ...event }: ArchivedEvent): StoryRow {
  return inOrder({ schema, ...event, metadata: event.metadata as Metadata });
}

function inOrder({
  schema,
  position,
  stream,
  version,
  id,
  type,
  kind,
  occurredAt,
  xact,
  data,
  metadata,
  hash,
}: StoryRow): StoryRow {
  return { schema, position, stream, version, id, type, kind, occurredAt, xact, data, metadata, hash };
}

function compare(one: StoryRow, other: StoryRow): number {
  if (one.schema !== other.schema) return one.schema < other.schema ? -1 : 1;
  return Number(BigInt(one.position) - BigInt(other.position));
}

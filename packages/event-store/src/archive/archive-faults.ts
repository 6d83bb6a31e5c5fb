import pg from 'pg';
import { digestOf } from '../chain.js';
import { StoreError } from '../errors.js';
import type { TextRows } from '../text-rows.js';
import type { Metadata } from '../types.js';
import { readArchiveFile, type ArchivedEvent } from './archive-file.js';

/** A stub whose content is nowhere, or a file that is not what the store says of it. */
export interface ArchiveFault {
  /** of the event, when it is one */
  readonly stream?: string;
  readonly version?: number;
  readonly position?: number;
  readonly eventId?: string;
  readonly detail: string;
}

interface Asked {
  readonly schema: string;
  readonly stream?: string;
}

/**
 * Rows that are neither whole nor a stub that a run of the archivist can have made: a fact's, one that no file is said to hold, one
 * that lost its content otherwise. Looks at no file.
 */
export async function* stubFaults(rows: TextRows, { schema, stream }: Asked): AsyncGenerator<ArchiveFault> {
  const name = pg.escapeIdentifier(schema);
  const found = await rows(
    `select e.position, e.stream, e.version, e.id, e.appended_at, e.data is not null and e.metadata is not null from ${name}.events e
     where e.stream = coalesce($1, e.stream) and case when e.archived_at is null
       then e.data is null or e.metadata is null or e.archive is not null
       else e.data is not null or e.metadata is not null or e.appended_at is null or not exists (
         select from ${name}.archives a where a.id = e.archive and a.archived_at = e.archived_at
           and e.position between a.first_position and a.last_position) end
     order by e.position limit 1000`,
    [stream ?? null],
  );
  for (const [position, ofStream, version, eventId, appendedAt, whole] of found) {
    const gone =
      appendedAt === null
        ? 'it is kept for ever, but its content is gone'
        : 'its content is gone and no file of the archive has it';
    const detail = whole === 't' ? 'it is said to be in the archive, but its content is here' : gone;
    yield { ...placeOf({ position, stream: ofStream, version, eventId }), detail };
  }
}

/** Every stub's content in the archive's files against its digest: what is missing, damaged or not what was appended. Memory: one file. */
export async function* archiveFaults(
  rows: TextRows,
  folder: string,
  { schema, stream }: Asked,
): AsyncGenerator<ArchiveFault> {
  const name = pg.escapeIdentifier(schema);
  const files = await rows(
    `select id, file, encode(sha256, 'hex'), first_position, last_position from ${name}.archives
     where $1::text is null or id in (select e.archive from ${name}.events e where e.stream = $1) order by id`,
    [stream ?? null],
  );
  for (const [id, file, sha256, first, last] of files) {
    const events = await eventsIn(folder, file!, sha256!);
    if (!(events instanceof Map)) {
      yield { detail: events };
      continue;
    }
    const stubs = await rows(
      `select position, stream, version, id, encode(digest, 'hex'), encode(hash, 'hex') from ${name}.events
       where position between $1 and $2 and archive = $3 and stream = coalesce($4, stream) order by position`,
      [first, last, id, stream ?? null],
    );
    for (const [position, ofStream, version, eventId, digest, hash] of stubs) {
      const kept = events.get(position!);
      if (kept && kept.hash === hash && contentDigest(kept) === digest) continue;
      const detail = kept ? `its content in ${file} is not what was hashed` : `${file} has not got it`;
      yield { ...placeOf({ position, stream: ofStream, version, eventId }), detail };
    }
  }
}

/** By position; or why the file can't be used. */
async function eventsIn(folder: string, file: string, sha256: string): Promise<Map<string, ArchivedEvent> | string> {
  try {
    return new Map((await readArchiveFile(folder, file, sha256)).map((event) => [event.position, event]));
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}

function contentDigest({ id, type, stream, data, metadata, occurredAt }: ArchivedEvent): string {
  const event = { id, type, stream, data, metadata: metadata as Metadata, occurredAt: new Date(occurredAt) };
  return digestOf(event).toString('hex');
}

function placeOf(texts: Readonly<Record<'position' | 'stream' | 'version' | 'eventId', string | null | undefined>>) {
  const { position, stream, version, eventId } = texts;
  return { position: Number(position), stream: stream!, version: Number(version), eventId: eventId! };
}

import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { StoreRefusal } from '../errors.js';
import type { ArchivableEvent } from './archivist.js';

/** What an archive says of one of its files; beside it as `<file>.manifest.json`, and a row of the store's `archives`. */
export interface ArchiveManifest {
  readonly service: string;
  /** below the archive's folder: `<schema>/<day>/<first position>-<last position>.jsonl.gz` */
  readonly file: string;
  /** of the appends, UTC */
  readonly day: string;
  readonly events: number;
  /** decimal strings, as `StoredEvent.position` */
  readonly firstPosition: string;
  readonly lastPosition: string;
  /** of the file as it is, compressed */
  readonly bytes: number;
  /** of those bytes, hexadecimal */
  readonly sha256: string;
}

/** One line of a file: the event as the store held it, personal data encrypted. */
export interface ArchivedEvent {
  readonly position: string;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly kind: string;
  readonly data: unknown;
  readonly metadata: unknown;
  /** ISO 8601, UTC, milliseconds */
  readonly occurredAt: string;
  /** transaction that appended it */
  readonly xact: string;
  /** hexadecimal; the same as in the store's stub */
  readonly digest: string;
  readonly hash: string;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * Writes events of one day as gzip of JSON lines, then its manifest; answers when both are on disk under their names. A file
 * that was left by an interrupted run is replaced: as long as the store names no such file, its events are still there.
 * Throws `ARCHIVE_UNWRITABLE`.
 */
export async function writeArchiveFile(
  folder: string,
  { schema, service }: { readonly schema: string; readonly service: string },
  events: readonly ArchivableEvent[],
): Promise<ArchiveManifest> {
  const positions = events.map(({ position }) => BigInt(position)).sort((a, b) => (a < b ? -1 : 1));
  const [firstPosition, lastPosition] = [String(positions[0]), String(positions.at(-1))];
  const day = events[0]!.appendedAt.slice(0, 10);
  const bytes = await compress(events.map((event) => `${lineOf(event)}\n`).join(''));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = `${schema}/${day}/${firstPosition}-${lastPosition}.jsonl.gz`;
  const count = events.length;
  const manifest = { service, file, day, events: count, firstPosition, lastPosition, bytes: bytes.length, sha256 };
  try {
    const dayFolder = dirname(join(folder, file));
    const made = await mkdir(dayFolder, { recursive: true, mode: 0o750 });
    await writeSynced(join(folder, file), bytes);
    await writeSynced(join(folder, `${file}.manifest.json`), `${JSON.stringify(manifest, null, 2)}\n`);
    await syncFolder(dayFolder);
    // A new day's folder is an entry of the schema's, and that one of the archive's.
    if (made !== undefined) for (const parent of [dirname(dayFolder), folder]) await syncFolder(parent);
  } catch (error) {
    throw new StoreRefusal(
      'ARCHIVE_UNWRITABLE',
      `${join(folder, file)}: ${(error as Error).message}. Nothing has left the store; make ARCHIVE_DIR writable and large enough.`,
      { cause: error },
    );
  }
  return manifest;
}

/** The events of a file. Throws `ARCHIVE_DAMAGED` when its bytes are not those that `sha256` (hexadecimal) is of. */
export async function readArchiveFile(folder: string, file: string, sha256: string): Promise<ArchivedEvent[]> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(folder, file));
  } catch (error) {
    throw new StoreRefusal('ARCHIVE_MISSING', `${join(folder, file)}: ${(error as Error).message}`, { cause: error });
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new StoreRefusal('ARCHIVE_DAMAGED', `${join(folder, file)} is not what was archived; restore it from a copy`);
  }
  const lines = (await decompress(bytes)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as ArchivedEvent);
}

/** Data and metadata as Postgres wrote them: a number keeps its digits. */
function lineOf(event: ArchivableEvent): string {
  const { position, stream, version, id, type, kind, xact, occurredAt } = event;
  const head = JSON.stringify({ position, stream, version, id, type, kind }).slice(0, -1);
  const [digest, hash] = [event.digest.toString('hex'), event.hash.toString('hex')];
  const tail = JSON.stringify({ occurredAt: occurredAt.toISOString(), xact, digest, hash }).slice(1);
  return `${head},"data":${event.data},"metadata":${event.metadata},${tail}`;
}

/** The name appears only when the bytes are on disk. */
async function writeSynced(path: string, content: Buffer | string): Promise<void> {
  const partial = `${path}.partial`;
  const handle = await open(partial, 'w', 0o640);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, path);
}

/** The names in a folder are on disk when this returns. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

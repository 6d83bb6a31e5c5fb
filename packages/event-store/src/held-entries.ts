import type { CheckpointEntry } from '@towpath/contracts/audit/CheckpointLeaves.v1';
import pg from 'pg';
import { leafColumns, leafOf, type LeafRow } from './checkpoint.js';
import type { TextRows } from './text-rows.js';

/** How a store differs from an entry that a checkpoint vouches for. */
export interface EntryFault {
  readonly entry: CheckpointEntry;
  /** `missing`: the event is gone · `moved`: it stands at another position or version · `changed`: a column of its row differs */
  readonly reason: 'missing' | 'moved' | 'changed';
  readonly eventId?: string;
  readonly detail: string;
}

/** Holds the rows of a store against entries, one for one by their position. */
export async function entryFaults(
  rows: TextRows,
  schema: string,
  entries: readonly CheckpointEntry[],
): Promise<EntryFault[]> {
  const found = await rowsAt(rows, schema, 'position = any($1::bigint[])', [entries.map(({ position }) => position)]);
  const byPosition = new Map(found.map((row) => [Number(row.position), row]));
  const faults: EntryFault[] = [];
  for (const entry of entries) {
    const row = byPosition.get(entry.position);
    if (row && leafOf(schema, row).equals(entry.leaf)) continue;
    faults.push(row ? changed(entry, row) : await missing(rows, schema, entry));
  }
  return faults;
}

/**
 * The same for entries of before the database was set back: what was read back from the topics since has another position and
 * transaction, but the same place and hash.
 */
export async function placeFaults(
  rows: TextRows,
  schema: string,
  entries: readonly CheckpointEntry[],
): Promise<EntryFault[]> {
  const found = await rowsAt(rows, schema, '(stream, version) in (select * from unnest($1::text[], $2::bigint[]))', [
    entries.map(({ stream }) => stream),
    entries.map(({ version }) => version),
  ]);
  const byPlace = new Map(found.map((row) => [`${row.version} ${row.stream}`, row]));
  return entries.flatMap((entry): EntryFault[] => {
    const row = byPlace.get(`${entry.version} ${entry.stream}`);
    if (!row) return [{ entry, reason: 'missing', detail: 'its row is gone' }];
    return row.hash === entry.hash.toString('hex') ? [] : [changed(entry, row)];
  });
}

async function rowsAt(rows: TextRows, schema: string, where: string, values: readonly unknown[]): Promise<LeafRow[]> {
  const found = await rows(`select ${leafColumns} from ${pg.escapeIdentifier(schema)}.events where ${where}`, values);
  return found.map(([position, stream, version, id, kind, xact, digest, hash]) => ({
    ...{ position: position!, stream: stream!, version: version!, id: id!, kind: kind! },
    ...{ xact: xact!, digest: digest!, hash: hash! },
  }));
}

async function missing(rows: TextRows, schema: string, entry: CheckpointEntry): Promise<EntryFault> {
  const [row] = await rowsAt(rows, schema, 'stream = $1 and version = $2', [entry.stream, entry.version]);
  if (!row) return { entry, reason: 'missing', detail: 'its row is gone' };
  return {
    ...{ entry, reason: 'moved', eventId: row.id },
    detail: `stands at position ${row.position}, was at ${entry.position}`,
  };
}

function changed(entry: CheckpointEntry, row: LeafRow): EntryFault {
  if (row.stream !== entry.stream || Number(row.version) !== entry.version) {
    const detail = `position ${entry.position} is now version ${row.version} of ${row.stream}`;
    return { entry, reason: 'moved', eventId: row.id, detail };
  }
  const detail =
    row.hash === entry.hash.toString('hex')
      ? 'its id, kind, transaction or digest is not what was signed'
      : 'its hash is not what was signed: it, or an event before it in its stream, was changed and hashed anew';
  return { entry, reason: 'changed', eventId: row.id, detail };
}

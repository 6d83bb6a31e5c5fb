import type { Kind } from '@towpath/contracts/contract';
import type { Metadata, StoredEvent } from './types.js';

/** The columns that `storedEventOf` reads, in its order. */
export function eventColumns(table: string): string {
  return ['position', 'stream', 'version', 'id', 'type', 'kind', 'data', 'metadata', 'hash', 'occurred_at']
    .map((column) => `${table}.${column}`)
    .join(', ');
}

type Text = string | null | undefined;

/** A stored event from a row of text, its columns from `start` on as in `eventColumns`. Only an archived one is without data. */
export function storedEventOf(row: readonly Text[], start = 0): StoredEvent {
  const archived = row[start + 6] === null;
  const text = (column: number) => row[start + column] ?? '';
  return {
    position: text(0),
    stream: text(1),
    version: Number(text(2)),
    id: text(3),
    type: text(4),
    kind: text(5) as Kind,
    data: archived ? null : (JSON.parse(text(6)) as unknown),
    // Only somebody with all rights takes it from an event that keeps its data; whoever verifies says so.
    metadata: (archived ? {} : JSON.parse(row[start + 7] ?? '{}')) as Metadata,
    hash: bytesOf(text(8)),
    occurredAt: timeOf(text(9)),
    ...(archived && { archived }),
  };
}

/** `\x0a0b` as bytes. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex');
}

/** `2026-01-31 12:00:00.123+00` as an instant; the session's time zone is UTC. */
export function timeOf(text: string): Date {
  return new Date(`${text.slice(0, 10)}T${text.slice(11).replace('+00', 'Z')}`);
}

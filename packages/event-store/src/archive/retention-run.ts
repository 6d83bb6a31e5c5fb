import { setImmediate as turn } from 'node:timers/promises';
import { writeArchiveFile } from './archive-file.js';
import { isSound, type ArchivableEvent, type Archivist, type Store } from './archivist.js';

/** What a run did to one store. */
export interface StoreRetention extends Store {
  /** another process was at it: nothing was done */
  readonly busy: boolean;
  /** events whose content left the store */
  readonly archived: number;
  readonly files: number;
  /** of the files, compressed */
  readonly bytes: number;
  /** events that stay because their content is not what was appended: `towpath verify` says more */
  readonly unsound: readonly string[];
  readonly partitionsDropped: number;
  /** the run's limit was reached; the next run goes on */
  readonly more: boolean;
}

export interface RetentionOptions {
  /** the archive's folder; every process that archives has the same */
  readonly folder: string;
  /** default all */
  readonly services?: readonly string[];
  /** may lie in the past only; default now */
  readonly asOf?: Date;
  /** events of one store in one run; default no limit */
  readonly eventsMax?: number;
  /** ends the run between two batches */
  readonly signal?: AbortSignal;
  onBatch?(store: Store, archived: number): void;
}

/** Events and content of one file: what is in memory at once. */
const BATCH = { rows: 1_000, bytes: 4_000_000 };

/**
 * Does what is due in every store: inbox partitions, then events. Each file is on disk before its events leave the store, so
 * a run that ends anywhere loses nothing, and the next one goes on. Only one process at a time works on a store.
 */
export async function runRetention(archivist: Archivist, options: RetentionOptions): Promise<StoreRetention[]> {
  const { services, signal } = options;
  const stores = await archivist.stores();
  const done: StoreRetention[] = [];
  for (const store of stores.filter(({ service }) => services?.includes(service) ?? true)) {
    if (signal?.aborted) break;
    const nothing = { archived: 0, files: 0, bytes: 0, unsound: [], partitionsDropped: 0, more: false };
    const report = await archivist.alone(store.schema, () => keepStore(archivist, store, options));
    done.push(report ?? { ...store, busy: true, ...nothing });
  }
  return done;
}

async function keepStore(archivist: Archivist, store: Store, options: RetentionOptions): Promise<StoreRetention> {
  const { folder, asOf, eventsMax = Infinity, signal, onBatch } = options;
  const partitionsDropped = await archivist.keepInbox(store.schema, asOf);
  const total = { archived: 0, files: 0, bytes: 0 };
  const unsound: string[] = [];
  let after: ArchivableEvent | undefined;
  let more = false;
  while (!signal?.aborted) {
    const rows = Math.min(BATCH.rows, eventsMax - total.archived);
    more = rows <= 0;
    if (more) break;
    const due = await archivist.archivable(store.schema, { ...BATCH, rows }, asOf, after);
    after = due.at(-1);
    if (!after) break;
    const sound: ArchivableEvent[] = [];
    for (const event of due)
      if (isSound(event)) sound.push(event);
      else unsound.push(event.id);
    if (sound.length === 0) continue;
    const manifest = await writeArchiveFile(folder, store, sound);
    await archivist.archive(
      store.schema,
      manifest,
      sound.map(({ position }) => position),
      asOf,
    );
    total.archived += sound.length;
    total.files += 1;
    total.bytes += manifest.bytes;
    onBatch?.(store, total.archived);
    // Compressing and hashing a batch takes this process' turn; others come in between.
    await turn();
  }
  return { ...store, busy: false, ...total, unsound, partitionsDropped, more };
}

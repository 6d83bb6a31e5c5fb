import type pg from 'pg';
import type { CheckpointEntry, CheckpointLeaves } from '@towpath/contracts/audit/CheckpointLeaves.v1';
import type { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import {
  leafOf,
  signStatement,
  type CheckpointKey,
  type LeafRow,
  type Statement,
} from '@towpath/event-store/checkpoint';
import { MerkleTree } from '@towpath/event-store/merkle';
import type { LogState } from './checkpoint-log.js';
import { rowsOf } from './checkpoint-rows.js';

/** What a checkpoint is made of. */
export interface CheckpointWork {
  readonly pool: pg.Pool;
  readonly log: string;
  readonly key: CheckpointKey;
  readonly cluster: string;
  readonly last: LogState['last'];
  /** begins with all events, whatever was covered before */
  readonly anew: boolean;
  /** every transaction below it has ended and is published */
  readonly before: string;
  readonly schemas: readonly string[];
  /** by schema: nothing at or below can be new */
  readonly settled: ReadonlyMap<string, string>;
  /** the same, once this checkpoint is out */
  readonly settledAfter: ReadonlyMap<string, string>;
  readonly now: Date;
  /** resolves when the topic holds it */
  publishLeaves(leaves: CheckpointLeaves): Promise<void>;
}

/** A record stays far below what its topic takes. */
const recordBytesMax = 150_000;
/** of hashes, leaf and numbers, beside the stream's name */
const entryBytes = 80;

/**
 * Publishes the leaves of what is new and signs their root; undefined when nothing is new. Memory: one page. Cost: new events
 * only, read by their primary key.
 */
export async function writeCheckpoint(work: CheckpointWork): Promise<CheckpointSigned | undefined> {
  const number = (work.last?.statement.number ?? 0) + 1;
  const from = work.anew ? '0' : work.last!.statement.before;
  const tree = new MerkleTree();
  const stores: Statement['stores'][number][] = [];
  let part = 0;
  for (const schema of work.schemas) {
    const sizeBefore = tree.size;
    const settled = work.anew ? '0' : (work.settled.get(schema) ?? '0');
    for await (const entries of entriesOf(work, schema, from, settled)) {
      for (const { leaf } of entries) tree.append(leaf);
      await work.publishLeaves({ log: work.log, number, part, schema, entries });
      part += 1;
    }
    stores.push({ schema, leaves: tree.size - sizeBefore, settled: work.settledAfter.get(schema) ?? '0' });
  }
  return tree.size === 0 ? undefined : signed(work, { number, from, tree, stores });
}

function signed(
  { log, key, cluster, last, anew, before, now }: CheckpointWork,
  { number, from, tree, stores }: Pick<Statement, 'number' | 'from' | 'stores'> & { tree: MerkleTree },
): CheckpointSigned {
  const statement: Statement = {
    format: 'towpath-checkpoint/1',
    log,
    number,
    previous: last?.hash ?? null,
    baseline: anew ? number : last!.statement.baseline,
    cluster,
    from,
    before,
    leaves: tree.size,
    root: tree.root().toString('hex'),
    stores,
    signedAt: now.toISOString(),
    keyId: key.id,
  };
  return { log, number, ...signStatement(statement, key) };
}

/** A store's new events, as many at a time as a record takes. */
async function* entriesOf(
  { pool, before }: CheckpointWork,
  schema: string,
  from: string,
  settled: string,
): AsyncGenerator<CheckpointEntry[]> {
  for await (const rows of rowsOf(pool, schema, { from, before }, settled)) {
    yield* inRecords(rows.map((row) => entryOf(schema, row)));
  }
}

function entryOf(schema: string, row: LeafRow): CheckpointEntry {
  return {
    position: Number(row.position),
    stream: row.stream,
    version: Number(row.version),
    hash: Buffer.from(row.hash, 'hex'),
    leaf: leafOf(schema, row),
  };
}

function* inRecords(entries: readonly CheckpointEntry[]): Generator<CheckpointEntry[]> {
  let record: CheckpointEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = entryBytes + Buffer.byteLength(entry.stream);
    if (bytes + size > recordBytesMax && record.length > 0) {
      yield record;
      [record, bytes] = [[], 0];
    }
    record.push(entry);
    bytes += size;
  }
  if (record.length > 0) yield record;
}

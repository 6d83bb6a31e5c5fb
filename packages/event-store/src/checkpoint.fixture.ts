import { createHash } from 'node:crypto';
import type { CheckpointRecord } from './checkpoint-chain.js';
import { leafOf, signStatement, statementHash, type CheckpointKey, type LeafRow } from './checkpoint.js';
import { MerkleTree } from './merkle.js';

/** A row that no store holds; for specs of what is signed about it. */
export function specRow(position: number): LeafRow {
  const hash = createHash('sha256').update(String(position)).digest('hex');
  const id = '6f0e4bd5-1c2f-4f52-9a10-4f1d4f4e0c11';
  return {
    position: String(position),
    stream: 'spec-1',
    version: '1',
    id,
    kind: 'event',
    xact: '700',
    digest: hash,
    hash,
  };
}

/** The records of checkpoints over these rows, as a relay publishes them; `before` is the number of the checkpoint. */
export function signCheckpoints(
  key: CheckpointKey,
  checkpoints: readonly Readonly<Record<string, readonly LeafRow[]>>[],
  before = (number: number) => String(number),
): CheckpointRecord[] {
  const records: CheckpointRecord[] = [];
  let previous: string | null = null;
  for (const [index, stores] of checkpoints.entries()) {
    const number = index + 1;
    const tree = new MerkleTree();
    for (const [part, [schema, rows]] of Object.entries(stores).entries()) {
      const entries = rows.map((row) => ({
        ...{ position: Number(row.position), stream: row.stream, version: Number(row.version) },
        ...{ hash: Buffer.from(row.hash, 'hex'), leaf: leafOf(schema, row) },
      }));
      for (const { leaf } of entries) tree.append(leaf);
      records.push({ leaves: { log: 'spec', number, part, schema, entries } });
    }
    const signed = signStatement(
      {
        ...{ format: 'towpath-checkpoint/1', log: 'spec', number, previous, baseline: 1, cluster: 'spec/1' },
        ...{ from: number === 1 ? '0' : before(number - 1), before: before(number) },
        ...{ leaves: tree.size, root: tree.root().toString('hex'), keyId: key.id },
        stores: Object.entries(stores).map(([schema, rows]) => ({ schema, leaves: rows.length, settled: '0' })),
        signedAt: new Date(0).toISOString(),
      },
      key,
    );
    previous = statementHash(signed.statement);
    records.push({ signed: { log: 'spec', number, ...signed } });
  }
  return records;
}

import type { CheckpointEntry } from '@towpath/contracts/audit/CheckpointLeaves.v1';
import { CheckpointChain, type CheckpointRecord } from '../checkpoint-chain.js';
import type { PublicKeys, Signed } from '../checkpoint.js';
import { auditPaths } from '../merkle.js';
import type { EventProof } from './bundle.js';

/** An event's proof and the checkpoint that it leads to. */
export interface Proved {
  readonly proof: EventProof;
  readonly signed: Signed;
}

export function placeKey(schema: string, position: string | number): string {
  return `${schema} ${position}`;
}

/**
 * Proofs for these events, by `placeKey`, from the records of a log; those that no checkpoint since `baseline` covers have none.
 * Memory: the leaves of one checkpoint.
 */
export async function provePositions(
  records: AsyncIterable<CheckpointRecord>,
  keys: PublicKeys,
  wanted: ReadonlySet<string>,
  baseline: number,
): Promise<Map<string, Proved>> {
  const proofs = new Map<string, Proved>();
  const chain = new CheckpointChain(keys);
  let leaves: Buffer[] = [];
  let found: Found[] = [];
  for await (const record of records) {
    if ('leaves' in record) {
      const { part, schema, number } = record.leaves;
      if (part === 0) [leaves, found] = [[], []];
      const entries = chain.leaves(record.leaves);
      if (number >= baseline) found.push(...wantedOf(schema, entries, wanted, leaves.length));
      leaves.push(...entries.map(({ leaf }) => leaf));
    } else {
      chain.signed(record.signed);
      for (const [key, proof] of proofsOf(record.signed.number, leaves, found))
        proofs.set(key, { proof, signed: record.signed });
      [leaves, found] = [[], []];
    }
  }
  return proofs;
}

interface Found {
  readonly key: string;
  readonly index: number;
}

function wantedOf(
  schema: string,
  entries: readonly CheckpointEntry[],
  wanted: ReadonlySet<string>,
  before: number,
): Found[] {
  return entries.flatMap(({ position }, at) => {
    const key = placeKey(schema, position);
    return wanted.has(key) ? [{ key, index: before + at }] : [];
  });
}

function proofsOf(checkpoint: number, leaves: readonly Buffer[], found: readonly Found[]): [string, EventProof][] {
  const paths = auditPaths(
    leaves,
    found.map(({ index }) => index),
  );
  return found.map(({ key, index }, at) => [
    key,
    { checkpoint, index, path: paths[at]!.map((node) => node.toString('hex')) },
  ]);
}

import type { CheckpointEntry, CheckpointLeaves } from '@towpath/contracts/audit/CheckpointLeaves.v1';
import type { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import { signatureFault, statementHash, type PublicKeys, type Statement } from './checkpoint.js';
import { MerkleTree } from './merkle.js';

/** A record of `audit.checkpoints`. */
export type CheckpointRecord = { readonly leaves: CheckpointLeaves } | { readonly signed: CheckpointSigned };

/** What is wrong with the checkpoints themselves. */
export interface CheckpointFault {
  /**
   * `forged`: not signed by a known key · `missing`: one before it was removed · `broken`: it doesn't follow from the one before ·
   * `leaves`: the leaves are not those that were signed
   */
  readonly reason: 'forged' | 'missing' | 'broken' | 'leaves';
  readonly checkpoint: number;
  readonly detail: string;
}

/** Where the chain of checkpoints stands. */
export interface ChainHead {
  readonly statement: Statement;
  readonly hash: string;
}

/**
 * Follows the records of one log in their order: each statement's signature, its place behind the one before, and the root over
 * the leaves that came before it. A record that came twice changes nothing. Memory: one hash per level of the tree.
 */
export class CheckpointChain {
  head: ChainHead | undefined;
  private tree = new MerkleTree();
  private counts = new Map<string, number>();
  private open: { number: number; part: number } | undefined;

  constructor(private readonly keys: PublicKeys) {}

  /** The entries that count as the next leaves; none of a record that came twice or out of order. */
  leaves({ number, part, schema, entries }: CheckpointLeaves): readonly CheckpointEntry[] {
    if (part === 0) this.begin(number);
    const { open } = this;
    if (open?.number !== number || open.part !== part) return [];
    open.part += 1;
    for (const { leaf } of entries) this.tree.append(leaf);
    this.counts.set(schema, (this.counts.get(schema) ?? 0) + entries.length);
    return entries;
  }

  /** What is wrong with a statement; it becomes the head when its signature holds. */
  signed(signed: CheckpointSigned): CheckpointFault[] {
    const fault = believed(signed, this.keys);
    if (typeof fault === 'string') return [{ reason: 'forged', checkpoint: signed.number, detail: fault }];
    const head = { statement: fault, hash: statementHash(signed.statement) };
    if (head.hash === this.head?.hash) return [];
    const faults = [...placeFaults(head.statement, this.head), ...this.leafFaults(head.statement)];
    this.head = head;
    this.begin(undefined);
    return faults;
  }

  private begin(number: number | undefined): void {
    this.tree = new MerkleTree();
    this.counts = new Map();
    this.open = number === undefined ? undefined : { number, part: 0 };
  }

  private leafFaults({ number, leaves, root, stores }: Statement): CheckpointFault[] {
    const counted = stores.every((store) => (this.counts.get(store.schema) ?? 0) === store.leaves);
    if (counted && this.tree.size === leaves && this.tree.root().toString('hex') === root) return [];
    const detail = `the topic holds ${this.tree.size} leaves of ${leaves}, or others than those that were signed`;
    return [{ reason: 'leaves', checkpoint: number, detail }];
  }
}

/** The statement, or why it can't be believed. */
function believed(signed: CheckpointSigned, keys: PublicKeys): Statement | string {
  try {
    const fault = signatureFault(signed, keys);
    if (fault !== undefined) return fault;
    const statement = JSON.parse(signed.statement) as Statement;
    return statement.number === signed.number && statement.log === signed.log
      ? statement
      : `its record says number ${signed.number} of ${signed.log}, its statement ${statement.number} of ${statement.log}`;
  } catch {
    return 'its statement can not be read';
  }
}

function placeFaults(statement: Statement, head: ChainHead | undefined): CheckpointFault[] {
  const { number, previous, from, baseline } = statement;
  const fault = (reason: CheckpointFault['reason'], detail: string): CheckpointFault[] => [
    { reason, checkpoint: number, detail },
  ];
  const before = head?.statement.number ?? 0;
  if (number > before + 1) return fault('missing', `checkpoints ${before + 1} to ${number - 1} were removed`);
  if (number <= before) return fault('broken', `it comes behind checkpoint ${before}`);
  if (previous !== (head?.hash ?? null)) return fault('broken', `checkpoint ${before} is not the one it names`);
  if (baseline === number ? from !== '0' : from !== head?.statement.before)
    return fault('broken', `it begins at transaction ${from}, the one before ends at ${head?.statement.before}`);
  return [];
}

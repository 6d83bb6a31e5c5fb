import { hash } from 'node:crypto';

const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** RFC 6962 §2.1 leaf hash: SHA-256 over 0x00 and the content. */
export function leafHash(content: string | Buffer): Buffer {
  return sha256(Buffer.concat([leafPrefix, Buffer.from(content as string)]));
}

/** RFC 6962 §2.1 node hash: SHA-256 over 0x01 and both children. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.concat([nodePrefix, left, right]));
}

/** The Merkle tree head (RFC 6962 §2.1) of leaf hashes that come one by one; it holds one hash per level. */
export class MerkleTree {
  /** roots of the complete subtrees, the largest first; their sizes are the powers of two that make up `size` */
  private readonly peaks: Buffer[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  append(leaf: Buffer): void {
    let node = leaf;
    for (let rest = this.count; rest % 2 === 1; rest = Math.floor(rest / 2)) node = nodeHash(this.peaks.pop()!, node);
    this.peaks.push(node);
    this.count += 1;
  }

  /** Of no leaves it is the hash of nothing. */
  root(): Buffer {
    return this.peaks.length === 0
      ? sha256(Buffer.alloc(0))
      : this.peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** The audit paths (RFC 6962 §2.1.1) of the leaves at these indexes, from the leaf up. */
export function auditPaths(leaves: readonly Buffer[], indexes: readonly number[]): Buffer[][] {
  const paths = indexes.map((): Buffer[] => []);
  let level = leaves;
  for (let height = 0; level.length > 1; height += 1) {
    for (const [place, index] of indexes.entries()) {
      const sibling = level[Math.floor(index / 2 ** height) ^ 1];
      if (sibling) paths[place]!.push(sibling);
    }
    level = levelAbove(level);
  }
  return paths;
}

/** The root that a leaf's audit path leads to (RFC 9162 §2.1.3.2); undefined when no path of a tree of this size is so long. */
export function rootOfPath(leaf: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | undefined {
  if (index < 0 || index >= size) return undefined;
  let [place, last] = [index, size - 1];
  let node = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (place % 2 === 1 || place === last) {
      node = nodeHash(sibling, node);
      while (place % 2 === 0 && place !== 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    } else {
      node = nodeHash(node, sibling);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 ? node : undefined;
}

/** A node without a sibling goes up as it is. */
function levelAbove(level: readonly Buffer[]): Buffer[] {
  const above: Buffer[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const right = level[at + 1];
    above.push(right ? nodeHash(level[at]!, right) : level[at]!);
  }
  return above;
}

function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}

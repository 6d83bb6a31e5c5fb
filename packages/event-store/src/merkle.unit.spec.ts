import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { auditPaths, leafHash, MerkleTree, rootOfPath } from './merkle.js';

/** The definition of RFC 6962 §2.1, word for word, to hold the incremental tree against. */
function treeHead(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return createHash('sha256').digest();
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(treeHead(leaves.slice(0, split)))
    .update(treeHead(leaves.slice(split)))
    .digest();
}

function treeOf(leaves: readonly Buffer[]): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree;
}

const leavesOf = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => leafHash(String(i)));

describe('the Merkle tree', () => {
  it('has the roots of the test vectors of RFC 6962 implementations', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const leaves = inputs.map((hex) => leafHash(Buffer.from(hex, 'hex')));
    expect(treeOf([]).root().toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(treeOf(leaves.slice(0, 1)).root().toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    expect(treeOf(leaves).root().toString('hex')).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    );
  });

  it('has the root that RFC 6962 defines, whatever its size', () => {
    for (let count = 0; count < 70; count += 1)
      expect(treeOf(leavesOf(count)).root()).toEqual(treeHead(leavesOf(count)));
  });

  it('proves each of its leaves, and nothing with a changed leaf, index, size or path', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), (count, at, byte) => {
        const leaves = leavesOf(count);
        const index = at % count;
        const path = auditPaths(leaves, [index])[0]!;
        const root = treeOf(leaves).root();
        expect(rootOfPath(leaves[index]!, index, count, path)).toEqual(root);
        expect(rootOfPath(leafHash('other'), index, count, path)).not.toEqual(root);
        if (count > 1) expect(rootOfPath(leaves[index]!, (index + 1) % count, count, path)).not.toEqual(root);
        expect(rootOfPath(leaves[index]!, index, count, [...path, root])).not.toEqual(root);
        if (path.length === 0) return;
        const changed = Buffer.from(path[byte % path.length]!);
        changed[byte % 32]! ^= 1;
        expect(rootOfPath(leaves[index]!, index, count, path.with(byte % path.length, changed))).not.toEqual(root);
        expect(rootOfPath(leaves[index]!, index, count, path.slice(1))).not.toEqual(root);
      }),
    );
  });
});

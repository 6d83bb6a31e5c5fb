import fc from 'fast-check';
import { CheckpointChain, type CheckpointRecord } from './checkpoint-chain.js';
import { checkpointKey, keyIdOf, leafOf, publicKeysOf, signatureFault } from './checkpoint.js';
import { signCheckpoints, specRow } from './checkpoint.fixture.js';

const key = checkpointKey('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const other = checkpointKey('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
const keys = publicKeysOf([key.publicKey]);

/** Five checkpoints of one to five events, two of them in two stores. */
const records = signCheckpoints(
  key,
  [1, 2, 3, 4, 5].map((count) => ({
    a: Array.from({ length: count }, (_, i) => specRow(count * 10 + i)),
    ...(count > 3 && { b: [specRow(count)] }),
  })),
);

function faultsOf(all: readonly CheckpointRecord[]) {
  const chain = new CheckpointChain(keys);
  return all.flatMap((record) =>
    'signed' in record ? chain.signed(record.signed) : (chain.leaves(record.leaves), []),
  );
}

describe('the chain of checkpoints', () => {
  it('signs as RFC 8032 says', () => {
    expect(key.publicKey.toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    expect(key.sign('').toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
    expect(keyIdOf(key.publicKey)).toBe(key.id);
    expect(() => checkpointKey('short')).toThrow(/CHECKPOINT_KEY_INVALID.*towpath setup/);
  });

  it('holds as it was signed, also when records come twice or a killed relay has begun one before', () => {
    expect(faultsOf(records)).toEqual([]);
    expect(
      faultsOf(records.flatMap((record): CheckpointRecord[] => ('signed' in record ? [record, record] : [record]))),
    ).toEqual([]);
    const begun = records.findIndex((record) => 'leaves' in record && record.leaves.number === 3);
    expect(faultsOf(records.toSpliced(begun, 0, records[begun]!))).toEqual([]);
  });

  it('shows any record that was removed, swapped or taken from elsewhere, but for the last ones', () => {
    for (const [at, record] of records.entries()) {
      if (at < records.length - 2) expect(faultsOf(records.toSpliced(at, 1))).not.toEqual([]);
      if (at > 0) expect(faultsOf(records.toSpliced(at, 1).toSpliced(at - 1, 0, record))).not.toEqual([]);
    }
    const first = records.findIndex((record) => 'signed' in record);
    expect(faultsOf(records.slice(first + 1))).toMatchObject([{ reason: 'missing', checkpoint: 2 }]);
  });

  it('shows any change to a statement, a signature or a leaf', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (which, byte) => {
        const at = which % records.length;
        const changed = changedRecord(records[at]!, byte);
        expect(faultsOf(records.with(at, changed))).not.toEqual([]);
      }),
    );
  });

  it('believes no other key, nor a statement that names another than signed it', () => {
    const foreign = signCheckpoints(other, [{ a: [specRow(1)] }]);
    expect(faultsOf(foreign)).toMatchObject([{ reason: 'forged' }]);
    const signed = records.flatMap((record) => ('signed' in record ? [record.signed] : []))[0]!;
    const both = publicKeysOf([key.publicKey, other.publicKey]);
    expect(signatureFault({ ...signed, keyId: other.id, signature: other.sign(signed.statement) }, both)).toBeDefined();
  });

  it.each(['position', 'stream', 'version', 'id', 'kind', 'xact', 'digest', 'hash'] as const)(
    'has another leaf for another %s, and for another store',
    (column) => {
      const row = specRow(7);
      expect(leafOf('a', { ...row, [column]: `${row[column]}1` })).not.toEqual(leafOf('a', row));
      expect(leafOf('b', row)).not.toEqual(leafOf('a', row));
    },
  );
});

function changedRecord(record: CheckpointRecord, byte: number): CheckpointRecord {
  if ('leaves' in record) {
    const [first, ...rest] = record.leaves.entries;
    return { leaves: { ...record.leaves, entries: [{ ...first!, leaf: flipped(first!.leaf, byte) }, ...rest] } };
  }
  const { statement, signature } = record.signed;
  if (byte % 2 === 0) return { signed: { ...record.signed, signature: flipped(signature, byte) } };
  return { signed: { ...record.signed, statement: flipped(Buffer.from(statement), byte).toString('latin1') } };
}

function flipped(bytes: Buffer, byte: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[byte % bytes.length]! ^= 1;
  return changed;
}

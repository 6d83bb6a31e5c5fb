import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { StoreRefusal } from './errors.js';
import { leafHash } from './merkle.js';

/** What the relay signs: one Merkle root over every event that the stores got since the checkpoint before. */
export interface Statement {
  readonly format: 'towpath-checkpoint/1';
  /** whose checkpoints these are: the relay's slot */
  readonly log: string;
  /** the first is 1 */
  readonly number: number;
  /** hex SHA-256 of the statement before it; null for the first */
  readonly previous: string | null;
  /**
   * The checkpoint that began anew with all events, because the database was set back or is another cluster's. Of those before
   * it only streams, versions and hashes still hold: positions and transactions have changed.
   */
  readonly baseline: number;
  /** the cluster and timeline that count the transactions */
  readonly cluster: string;
  /** it covers the events of transactions from `from` on and below `before`, decimal */
  readonly from: string;
  readonly before: string;
  readonly leaves: number;
  /** hex RFC 6962 root of the leaves, by schema and then position */
  readonly root: string;
  /** by schema; `settled`: no event at or below this position can still come */
  readonly stores: readonly { readonly schema: string; readonly leaves: number; readonly settled: string }[];
  /** ISO 8601, by the relay's clock */
  readonly signedAt: string;
  readonly keyId: string;
}

/** A statement and its signature, as they travel. */
export interface Signed {
  /** RFC 8785 text: the very bytes that were signed */
  readonly statement: string;
  readonly signature: Buffer;
  readonly keyId: string;
}

/** What a leaf vouches for: every column of the row; content and time stand in the digest. */
export interface LeafRow {
  readonly position: string;
  readonly stream: string;
  readonly version: string;
  readonly id: string;
  readonly kind: string;
  readonly xact: string;
  /** hexadecimal */
  readonly digest: string;
  readonly hash: string;
}

/** The columns of a `LeafRow`, as text. */
export const leafColumns =
  "position::text, stream, version::text, id::text, kind, xact::text, encode(digest, 'hex') as digest, encode(hash, 'hex') as hash";

/** The RFC 6962 leaf hash of a stored event: over the RFC 8785 text of its row, its numbers in decimal. */
export function leafOf(schema: string, { digest, hash, id, kind, position, stream, version, xact }: LeafRow): Buffer {
  // Members in RFC 8785 order, so that no sorting is needed.
  return leafHash(JSON.stringify({ digest, hash, id, kind, position, schema, stream, version, xact }));
}

/** What signs checkpoints. */
export interface CheckpointKey {
  readonly id: string;
  readonly publicKey: Buffer;
  sign(statement: string): Buffer;
}

/** PKCS #8 and SPKI of RFC 8410 before the 32 bytes of an Ed25519 key. */
const privatePrefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** The key of a secret: 64 hexadecimal characters, the seed of RFC 8032. Throws `CHECKPOINT_KEY_INVALID`. */
export function checkpointKey(seed: string): CheckpointKey {
  if (!/^[0-9a-f]{64}$/.test(seed)) {
    throw new StoreRefusal(
      'CHECKPOINT_KEY_INVALID',
      'the key that signs checkpoints is not 64 hexadecimal characters; delete the file and run `towpath setup`',
    );
  }
  const key = createPrivateKey({
    key: Buffer.concat([privatePrefix, Buffer.from(seed, 'hex')]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(publicPrefix.length);
  return { id: keyIdOf(publicKey), publicKey, sign: (statement) => sign(null, Buffer.from(statement), key) };
}

/** Hex SHA-256 of the raw public key. */
export function keyIdOf(publicKey: Buffer): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

/** Public keys by their id. */
export type PublicKeys = ReadonlyMap<string, Buffer>;

/** By the ids that follow from them. */
export function publicKeysOf(keys: Iterable<Buffer>): PublicKeys {
  return new Map([...keys].map((key) => [keyIdOf(key), key]));
}

export function signStatement(statement: Statement, key: CheckpointKey): Signed {
  const text = canonicalJson(statement);
  return { statement: text, signature: key.sign(text), keyId: key.id };
}

/** Hex SHA-256 of a statement's text, by which the next one names it. */
export function statementHash(statement: string): string {
  return createHash('sha256').update(statement).digest('hex');
}

/** Why a signed statement can't be believed; undefined when it can. */
export function signatureFault({ statement, signature, keyId }: Signed, keys: PublicKeys): string | undefined {
  const raw = keys.get(keyId);
  if (!raw) return `it is signed with the unknown key ${keyId}`;
  if (!verify(null, Buffer.from(statement), publicKeyOf(raw), signature)) return 'its signature is wrong';
  return (JSON.parse(statement) as Statement).keyId === keyId ? undefined : 'its statement names another key';
}

/** The key of 32 raw bytes. */
export function publicKeyOf(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicPrefix, raw]), format: 'der', type: 'spki' });
}

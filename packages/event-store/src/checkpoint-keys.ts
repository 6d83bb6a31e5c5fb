import { createPublicKey } from 'node:crypto';
import { publicKeyOf, publicKeysOf, type PublicKeys } from './checkpoint.js';
import type { Queryable } from './text-rows.js';

/** The public keys that set-up made known, old ones too. */
export async function loadKeys(client: Queryable): Promise<PublicKeys> {
  const { rows } = await client.query<{ public_key: Buffer }>(
    'select public_key from cdc.checkpoint_keys order by added_at',
  );
  return publicKeysOf(rows.map((row) => row.public_key));
}

/** The raw key of a PEM text. Throws when it holds no Ed25519 public key. */
export function publicKeyIn(pem: string): Buffer {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of type ${key.asymmetricKeyType}`);
  return key.export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** A raw key as PEM. */
export function pemOf(raw: Buffer): string {
  return publicKeyOf(raw).export({ format: 'pem', type: 'spki' }).toString();
}

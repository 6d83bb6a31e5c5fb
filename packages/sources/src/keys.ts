import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { SourceError } from './source-error.js';

/** DER in front of the 32 raw bytes of an ed25519 key, as SubjectPublicKeyInfo and as PKCS#8 (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;

/** A person's key pair in the Standard Webhooks form. */
export interface KeyPair {
  /** `whpk_` and the 32 bytes in base64 */
  readonly publicKey: string;
  /** `whsk_` and seed plus public key, 64 bytes, in base64 */
  readonly privateKey: string;
}

/** A new shared secret: `whsec_` and 32 random bytes in base64; good for both schemes. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** A new ed25519 key pair. */
export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES);
  return {
    publicKey: `whpk_${raw.toString('base64')}`,
    privateKey: `whsk_${Buffer.concat([seed, raw]).toString('base64')}`,
  };
}

/** The key to verify with. Throws KEY_INVALID unless `text` is `whpk_` and 32 bytes in base64. */
export function publicKeyOf(text: string): KeyObject {
  const raw = decode(text, 'whpk_');
  if (raw?.length !== KEY_BYTES) {
    throw new SourceError(
      'KEY_INVALID',
      'A public key is `whpk_` and 32 bytes in base64; make one with `towpath operators add`.',
    );
  }
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

/** The key to sign with. Throws KEY_INVALID unless `text` is `whsk_` and 32 or 64 bytes in base64. */
export function privateKeyOf(text: string): KeyObject {
  const raw = decode(text, 'whsk_');
  if (raw?.length !== KEY_BYTES && raw?.length !== 2 * KEY_BYTES) {
    throw new SourceError(
      'KEY_INVALID',
      'A private key is `whsk_` and 32 or 64 bytes in base64; make one with `towpath operators add`.',
    );
  }
  const der = Buffer.concat([PKCS8_PREFIX, raw.subarray(0, KEY_BYTES)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

/** The bytes of a Standard Webhooks secret. Throws KEY_INVALID unless it is `whsec_` and 24 to 64 bytes in base64. */
export function secretBytesOf(text: string): Buffer {
  const raw = decode(text, 'whsec_');
  if (!raw || raw.length < 24 || raw.length > 64) {
    throw new SourceError(
      'KEY_INVALID',
      'A Standard Webhooks secret is `whsec_` and 24 to 64 bytes in base64; rotate the source to make one.',
    );
  }
  return raw;
}

function decode(text: string, prefix: string): Buffer | null {
  const encoded = text.slice(prefix.length);
  const strict = text.startsWith(prefix) && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  return strict ? Buffer.from(encoded, 'base64') : null;
}

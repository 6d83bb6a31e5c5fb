import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { Contract } from '@towpath/contracts/contract';
import { StoreRefusal } from './errors.js';

/** What a field of an erased person reads as. */
export const erased = 'erased';

/** Keys by subject; null for an erased one. */
export type Keys = ReadonlyMap<string, Buffer | null>;

const prefix = 'enc1:';
const ivBytes = 12;
const tagBytes = 16;
// Fresh random bytes cost a system call each; a pool of them is cut into IVs.
let pool = Buffer.alloc(0);
let poolOffset = 0;

type Fields = Readonly<Record<string, unknown>>;

/** The subjects whose keys `encryptPii` or `decryptPii` of this message needs. */
export function subjectsOf<T>(contract: Contract<T>, data: T): string[] {
  const fields = data as Fields;
  const subjects: string[] = [];
  for (const { name, subject } of contract.pii) {
    const id = subjectIn(fields, subject);
    if (fields[name] != null && id !== undefined && !subjects.includes(id)) subjects.push(id);
  }
  return subjects;
}

/**
 * The data with every `pii` string encrypted (`enc1:<base64url of iv, tag, ciphertext>`, AES-256-GCM). Subject, type and
 * field are authenticated, so a ciphertext can't be moved: copy a field into another message from its decrypted form. Values of
 * erased subjects become `erased`; null stays null. Throws `PII_KEY_MISSING` or `PII_NOT_TEXT`, never with the value.
 */
export function encryptPii<T>(contract: Contract<T>, data: T, keys: Keys): T {
  return eachPii(contract, data, keys, (value, key, aad) =>
    key === null ? erased : prefix + encryptBytes(Buffer.from(value), key, aad).toString('base64url'),
  );
}

/** The data with every `pii` ciphertext readable, or `erased`. Throws `PII_TAMPERED` when one was changed or moved. */
export function decryptPii<T>(contract: Contract<T>, data: T, keys: Keys): T {
  return eachPii(contract, data, keys, (value, key, aad) => {
    if (!value.startsWith(prefix)) return value;
    if (key === null) return erased;
    try {
      return decryptBytes(Buffer.from(value.slice(prefix.length), 'base64url'), key, aad).toString();
    } catch {
      const [, type, field] = aad.split('\n');
      throw new StoreRefusal(
        'PII_TAMPERED',
        `${type}.${field} can't be decrypted: it was changed, or moved from another message`,
      );
    }
  });
}

/** Bytes as iv, tag and AES-256-GCM ciphertext; `context` is authenticated and must be given again to decrypt. */
export function encryptBytes(bytes: Buffer, key: Buffer, context: string): Buffer {
  const iv = nextIv();
  const cipher = createCipheriv('aes-256-gcm', keyObjectOf(key), iv);
  cipher.setAAD(Buffer.from(context));
  const body = cipher.update(bytes);
  const rest = cipher.final();
  return Buffer.concat([iv, cipher.getAuthTag(), body, rest]);
}

/** What `encryptBytes` took. Throws `PII_TAMPERED` when bytes, key or context differ. */
export function decryptBytes(sealed: Buffer, key: Buffer, context: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyObjectOf(key), sealed.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
  } catch {
    throw new StoreRefusal('PII_TAMPERED', 'bytes, key or context differ from what was encrypted');
  }
}

function eachPii<T>(
  contract: Contract<T>,
  data: T,
  keys: Keys,
  change: (value: string, key: Buffer | null, aad: string) => string,
): T {
  if (contract.pii.length === 0) return data;
  const fields = data as Fields;
  const changed: Record<string, unknown> = { ...fields };
  for (const { name, subject } of contract.pii) {
    const value = fields[name];
    if (value == null) continue;
    const where = `${contract.type}.${name}`;
    if (typeof value !== 'string')
      throw new StoreRefusal('PII_NOT_TEXT', `${where} is not a string; a pii field must be one`);
    const id = subjectIn(fields, subject) ?? '';
    const key = keys.get(id);
    if (key === undefined)
      throw new StoreRefusal('PII_KEY_MISSING', `no key for the subject of ${where}; pass keysFor(subjectsOf(…))`);
    changed[name] = change(value, key, `${id}\n${contract.type}\n${name}`);
  }
  return changed as T;
}

function subjectIn(fields: Fields, field: string): string | undefined {
  const id = fields[field];
  return typeof id === 'string' ? id : undefined;
}

/** Node looks at raw bytes given as a key each time anew, which profiles showed, and the vault hands out the same buffers. */
const keyObjects = new WeakMap<Buffer, KeyObject>();

function keyObjectOf(key: Buffer): KeyObject {
  const known = keyObjects.get(key);
  if (known) return known;
  const made = createSecretKey(key);
  keyObjects.set(key, made);
  return made;
}

function nextIv(): Buffer {
  if (poolOffset === pool.length) {
    pool = randomBytes(ivBytes * 256);
    poolOffset = 0;
  }
  poolOffset += ivBytes;
  return pool.subarray(poolOffset - ivBytes, poolOffset);
}

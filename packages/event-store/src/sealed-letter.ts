import { decryptBytes, encryptBytes } from './cipher.js';

/** What of a dead letter may hold anything: the bytes that came in, and what a failing handler said about them. */
export interface Sealable {
  readonly deadLetterId: string;
  readonly detail: string;
  readonly stack: string | null;
  /** base64 */
  readonly messageValue: string | null;
}

const prefix = 'enc1:';
/** What stands where the key is gone. */
const gone = 'erased';

/** The vault's name for a dead letter's own key. */
export function deadLetterSubject({ deadLetterId }: { readonly deadLetterId: string }): string {
  return `dead-letter:${deadLetterId}`;
}

/**
 * The letter with value, detail and stack under AES-256-GCM with its own key (iv of 12 bytes, tag of 16, ciphertext); id and
 * field are authenticated. Readable stay what names no one: reason code, place in the code, handler, type, origin, headers.
 * Without a key they are gone.
 */
export function sealLetter<T extends Sealable>(letter: T, key: Buffer | null): T {
  const { deadLetterId, detail, stack, messageValue } = letter;
  if (!key) return { ...letter, detail: gone, stack: null, messageValue: null };
  const text = (value: string, field: string): string =>
    prefix + encryptBytes(Buffer.from(value), key, `${deadLetterId}\n${field}`).toString('base64url');
  return {
    ...letter,
    detail: text(detail, 'detail'),
    stack: stack === null ? null : text(stack, 'stack'),
    messageValue:
      messageValue === null
        ? null
        : encryptBytes(Buffer.from(messageValue, 'base64'), key, deadLetterId).toString('base64'),
  };
}

/** The inverse. Throws `PII_TAMPERED` when something was changed or moved from another dead letter. */
export function openLetter<T extends Sealable>(letter: T, key: Buffer): T {
  const { deadLetterId, detail, stack, messageValue } = letter;
  const text = (value: string, field: string): string =>
    value.startsWith(prefix)
      ? decryptBytes(Buffer.from(value.slice(prefix.length), 'base64url'), key, `${deadLetterId}\n${field}`).toString()
      : value;
  return {
    ...letter,
    detail: text(detail, 'detail'),
    stack: stack === null ? null : text(stack, 'stack'),
    messageValue:
      messageValue === null
        ? null
        : decryptBytes(Buffer.from(messageValue, 'base64'), key, deadLetterId).toString('base64'),
  };
}

import type { KeyObject } from 'node:crypto';
import type { Credential, LoadedSource } from '@towpath/sources/load';
import type { Refusal } from '../refusal.js';

/** How far a delivery's timestamp may be from now, to either side. Not a setting: a wider window is a wider replay. */
export const TOLERANCE_SECONDS = 300;
/** Signatures tried for one delivery; more would make a forged one costly. */
export const SIGNATURES_MAX = 8;

/** A credential made ready for verification, once per load of the sources. */
export interface VerificationKey {
  readonly key: KeyObject;
  readonly kind: 'hmac' | 'ed25519';
  readonly expiresAt: number | null;
  readonly person: Credential['person'];
}

/** The values of a scheme's headers, in the order of `Scheme.headers`. */
export type SignatureHeaders = readonly string[];

/** Either whose key verified the delivery, or why none did. */
export type Verdict = { readonly key: VerificationKey } | { readonly refusal: Refusal };

/**
 * A way of signing deliveries. `verify` works on the raw bytes, compares fixed-length digests in constant time, tries
 * every key with every signature, and is never skipped.
 */
export interface Scheme {
  readonly name: LoadedSource['scheme'];
  /** whether it signs the time of sending; where it doesn't, the body's own event time is held against the clock */
  readonly timeSigned: boolean;
  /** lower-case names of the headers it needs, each exactly once in a delivery */
  readonly headers: readonly string[];
  /** Throws when the credential's text can't be a key of this scheme. */
  keyOf(credential: Credential): VerificationKey;
  verify(headers: SignatureHeaders, body: Buffer, keys: readonly VerificationKey[], nowMs: number): Verdict;
  /** the provider's own id of a verified delivery, only from what is signed; null when it has none */
  signedIdOf(headers: SignatureHeaders, body: Readonly<Record<string, unknown>>): string | null;
}

/** The refusal of a timestamp, or null when `seconds` (decimal Unix seconds) is near enough to now. */
export function timestampRefusal(seconds: string, nowMs: number): Refusal | null {
  if (!/^\d{1,11}$/.test(seconds)) {
    return {
      code: 'SIGNATURE_MALFORMED',
      detail: 'The timestamp is not a number of seconds since 1970; send it as decimal digits.',
    };
  }
  return timeRefusal(Number(seconds) * 1000, nowMs);
}

/** The refusal of a signed time, milliseconds since the epoch, or null when it is near enough to now. */
export function timeRefusal(timeMs: number, nowMs: number): Refusal | null {
  const offSeconds = (nowMs - timeMs) / 1000;
  if (Math.abs(offSeconds) <= TOLERANCE_SECONDS) return null;
  const side = offSeconds > 0 ? 'old' : 'far ahead';
  return {
    code: 'TIMESTAMP_OUT_OF_RANGE',
    detail: `The signed timestamp is too ${side}: at most ${TOLERANCE_SECONDS} s either way are accepted. Sign each attempt anew and check the sender's clock.`,
  };
}

export const INVALID: Refusal = {
  code: 'SIGNATURE_INVALID',
  detail:
    'No signature fits the bytes of the body and a current key of this source. Sign the exact bytes you send, with the current secret.',
};

/** True while the key may verify. */
export function isCurrent(key: VerificationKey, nowMs: number): boolean {
  return key.expiresAt === null || nowMs < key.expiresAt;
}

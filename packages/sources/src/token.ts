import { createPublicKey, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { privateKeyOf } from './keys.js';

/** What a console token's holder may do, each more than the one before. */
export const TOKEN_ROLES = ['viewer', 'reviewer', 'supervisor', 'admin'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** The parts of a token as a request carries it. */
export interface PresentedToken {
  readonly id: string;
  readonly secret: Buffer;
}

/** A new token, to be shown once. */
export interface NewToken {
  readonly id: string;
  /** `tpt_<id>_<secret>` */
  readonly text: string;
  /** what is kept to know it by, hexadecimal */
  readonly hash: string;
  /** `whpk_…`: verifies what is signed while the token is presented */
  readonly publicKey: string;
}

const FORM = /^tpt_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
const SECRET_BYTES = 32;
const RAW_KEY_BYTES = 32;

export function newToken(): NewToken {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(SECRET_BYTES);
  const text = `tpt_${id}_${secret.toString('base64url')}`;
  const der = createPublicKey(privateKeyOf(signingKeyOf(secret))).export({ format: 'der', type: 'spki' });
  return { id, text, hash: hashOf(secret), publicKey: `whpk_${der.subarray(-RAW_KEY_BYTES).toString('base64')}` };
}

/** The parts of a token's text; null when it is none. */
export function parseToken(text: string): PresentedToken | null {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret: Buffer.from(secret, 'base64url') };
}

/** Whether the presented token is the one that `hash` was kept of, in a time that tells nothing. */
export function isToken({ secret }: PresentedToken, hash: string): boolean {
  const [presented, kept] = [Buffer.from(hashOf(secret), 'hex'), Buffer.from(hash, 'hex')];
  return presented.length === kept.length && timingSafeEqual(presented, kept);
}

/**
 * The private key (`whsk_…`) that only the holder of the token has: it is derived from the token's secret (HKDF-SHA256, RFC 5869), so that it
 * stands nowhere, and whoever verifies requests can sign in the person's name while the person's request is there, and never otherwise.
 */
export function signingKeyOf(secret: Buffer): string {
  return `whsk_${derived(secret, 'towpath console token: signing key').toString('base64')}`;
}

/** The secret has 256 random bits: one step is enough, there is nothing to guess. */
function hashOf(secret: Buffer): string {
  return derived(secret, 'towpath console token: check').toString('hex');
}

function derived(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, RAW_KEY_BYTES));
}

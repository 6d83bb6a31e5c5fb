import { sign, verify } from 'node:crypto';
import { SignJWT } from 'jose';
import type { KeyBook, SigningKey, VerificationKey } from './keys.js';

/** What every signed statement of ours says. Times are seconds since the epoch, as RFC 7519 has them. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly [name: string]: unknown;
}

/** What kind of statement it is: one is never taken for the other. */
export type StatementType = 'towpath-agent+jwt' | 'towpath-act+jwt';

export type Read =
  | { readonly ok: true; readonly claims: Claims; readonly by: VerificationKey }
  | { readonly ok: false; readonly code: 'INVALID' | 'KEY_UNKNOWN' | 'EXPIRED'; readonly detail: string };

/** A clock may be ahead of another by this much. */
const CLOCK_SKEW_S = 30;
const STATEMENT_CHARS_MAX = 4_096;

/** A JWS in compact form (RFC 7515), EdDSA. */
export function signClaims(typ: StatementType, claims: Claims, { kid, key }: SigningKey): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'EdDSA', kid, typ }).sign(key);
}

/** The same at once, for the middle of a decision; `jose` signs asynchronously alone. */
export function signClaimsNow(typ: StatementType, claims: Claims, { kid, key }: SigningKey): string {
  const head = Buffer.from(JSON.stringify({ alg: 'EdDSA', kid, typ })).toString('base64url');
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${head}.${body}.${sign(null, Buffer.from(`${head}.${body}`), key).toString('base64url')}`;
}

/**
 * The claims of a statement that a known key signed and that is valid at `now`. It is synchronous, because egress asks in the middle
 * of a decision; for that reason it checks by `node:crypto` what `jose` signs. Never throws, whatever it is given.
 */
export function readClaims(statement: string, typ: StatementType, keys: KeyBook, now: Date): Read {
  const parts = partsOf(statement);
  const header = jsonOf(parts?.head ?? '');
  if (!parts || header?.['alg'] !== 'EdDSA' || header['typ'] !== typ || 'crit' in header) {
    return { ok: false, code: 'INVALID', detail: `it is no ${typ} signed by EdDSA` };
  }
  const by = keyOf(header['kid'], keys, now);
  if (!by) return { ok: false, code: 'KEY_UNKNOWN', detail: 'its key is not among those that verify' };
  const claims = claimsOf(parts.body);
  if (!claims || !verify(null, Buffer.from(`${parts.head}.${parts.body}`), by.key, parts.signature)) {
    return { ok: false, code: 'INVALID', detail: 'its signature does not fit' };
  }
  if (!isValidAt(claims, now)) {
    return { ok: false, code: 'EXPIRED', detail: 'it is valid for some minutes, and they are over' };
  }
  return { ok: true, claims, by };
}

function isValidAt({ iat, exp }: Claims, now: Date): boolean {
  const seconds = now.getTime() / 1_000;
  return seconds < exp && seconds >= iat - CLOCK_SKEW_S;
}

function partsOf(statement: string) {
  const parts = statement.length > STATEMENT_CHARS_MAX ? [] : statement.split('.');
  const [head = '', body = '', signature = ''] = parts;
  return parts.length === 3 ? { head, body, signature: Buffer.from(signature, 'base64url') } : undefined;
}

function keyOf(kid: unknown, keys: KeyBook, now: Date): VerificationKey | undefined {
  const key = typeof kid === 'string' ? keys.find(kid) : undefined;
  return key?.expiresAt !== undefined && now.getTime() >= key.expiresAt ? undefined : key;
}

function claimsOf(body: string): Claims | undefined {
  const claims = jsonOf(body);
  if (!claims) return undefined;
  const texts = ['iss', 'sub', 'aud', 'jti'].every((name) => typeof claims[name] === 'string');
  const times = ['iat', 'exp'].every((name) => Number.isFinite(claims[name]));
  return texts && times ? (claims as unknown as Claims) : undefined;
}

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** What a service signs for its agents with. */
export interface SigningKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** What says that a service signed. */
export interface VerificationKey {
  readonly kid: string;
  /** the only service whose agents it may speak for */
  readonly service: string;
  readonly key: KeyObject;
  /** milliseconds since the epoch from which on it verifies nothing; absent = no end */
  readonly expiresAt?: number;
}

/** Public keys by their id. */
export interface KeyBook {
  find(kid: string): VerificationKey | undefined;
}

const publicKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().min(1).max(128),
  service: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  expiresAt: z.iso.datetime({ offset: true }).optional(),
});
const privateKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  d: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  kid: z.string().min(1).max(128),
});
const keySet = z.object({ keys: z.array(publicKey) });

/** A public key as the file of all of them holds it: a JWK (RFC 7517) with two members of ours. */
export type PublicJwk = z.infer<typeof publicKey>;
export type PrivateJwk = z.infer<typeof privateKey>;

/** The key in the text of a private key's file. Throws AGENT_KEY_INVALID, which shows nothing of it. */
export function parseSigningKey(text: string): SigningKey {
  const jwk = parse(privateKey, text, 'a private Ed25519 key as a JWK with a kid');
  return { kid: jwk.kid, key: createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' }) };
}

/** The keys in the text of the file of public keys. Throws AGENT_KEY_INVALID. */
export function parseKeySet(text: string): readonly PublicJwk[] {
  return parse(keySet, text, 'a JWK set of Ed25519 keys, each with kid and service').keys;
}

export function keyBookOf(keys: readonly PublicJwk[]): KeyBook {
  const book = new Map(keys.map((jwk) => [jwk.kid, verificationKeyOf(jwk)]));
  return { find: (kid) => book.get(kid) };
}

/** A new key pair for a service's agents. */
export function newKeyPair(
  service: string,
  kid: string,
): { readonly privateJwk: PrivateJwk; readonly publicJwk: PublicJwk } {
  const pair = generateKeyPairSync('ed25519');
  const { kty, crv, x, d } = pair.privateKey.export({ format: 'jwk' });
  const common = { kty: kty as 'OKP', crv: crv as 'Ed25519', x: x ?? '', kid };
  return { privateJwk: { ...common, d: d ?? '' }, publicJwk: { ...common, service } };
}

function verificationKeyOf(jwk: PublicJwk): VerificationKey {
  const { kty, crv, x, kid, service, expiresAt } = jwk;
  const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  return { kid, service, key, ...(expiresAt !== undefined && { expiresAt: Date.parse(expiresAt) }) };
}

function parse<T>(schema: z.ZodType<T>, text: string, wanted: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const message = `AGENT_KEY_INVALID: the file is not ${wanted}; \`towpath setup\` makes new ones`;
  throw Object.assign(new Error(message), { code: 'AGENT_KEY_INVALID' });
}

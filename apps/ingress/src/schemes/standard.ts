import { createHmac, createSecretKey, timingSafeEqual, verify as verifySignature } from 'node:crypto';
import { publicKeyOf, secretBytesOf } from '@towpath/sources/keys';
import { SCHEMES } from '@towpath/sources/schemes';
import {
  INVALID,
  isCurrent,
  SIGNATURES_MAX,
  timestampRefusal,
  type Scheme,
  type SignatureHeaders,
  type Verdict,
  type VerificationKey,
} from './scheme.js';

/**
 * Standard Webhooks: `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`, a space-separated list of
 * `v1,<base64 HMAC-SHA256>` and `v1a,<base64 ed25519>` over `<id>.<timestamp>.<body>`. The id is signed.
 */
export const standard: Scheme = {
  name: 'standard',
  ...SCHEMES.standard,

  keyOf: ({ text, expiresAt, person }) =>
    text.startsWith('whpk_')
      ? { key: publicKeyOf(text), kind: 'ed25519', expiresAt, person }
      : { key: createSecretKey(secretBytesOf(text)), kind: 'hmac', expiresAt, person },

  verify([id = '', seconds = '', list = '']: SignatureHeaders, body, keys, nowMs): Verdict {
    if (!ID.test(id)) {
      const detail = 'webhook-id is not 1 to 255 of letters, digits and `_.:@|~+=/-`; send the id that was signed.';
      return { refusal: { code: 'SIGNATURE_MALFORMED', detail } };
    }
    const signatures = parse(list);
    if (signatures.length === 0) {
      const detail = 'webhook-signature holds no `v1,<base64>` or `v1a,<base64>`; send it as it was made.';
      return { refusal: { code: 'SIGNATURE_MALFORMED', detail } };
    }
    const fitting = fittingKey(signatures, `${id}.${seconds}.`, body, keys, nowMs);
    const late = timestampRefusal(seconds, nowMs);
    // What is wrong with the time is told only to those who hold the key.
    if (!fitting) return { refusal: INVALID };
    return late ? { refusal: late } : { key: fitting };
  },

  signedIdOf: ([id = '']) => id,
};

/**
 * Neither space nor brace: since a body must be a JSON object, "<id>.<timestamp>.<body>" can then be cut in one way only,
 * and one signature can't carry a second id.
 */
const ID = /^[A-Za-z0-9_.:@|~+=/-]{1,255}$/;

/** ed25519 costs ten times as much to check as HMAC, for each person's key: the current and the previous one are enough. */
const ED25519_MAX = 2;

const BYTES = { hmac: 32, ed25519: 64 } as const;

interface Signature {
  readonly kind: VerificationKey['kind'];
  readonly bytes: Buffer;
}

function parse(list: string): Signature[] {
  const signatures: Signature[] = [];
  for (const part of list.split(' ', 2 * SIGNATURES_MAX)) {
    const kind = part.startsWith('v1,') ? 'hmac' : part.startsWith('v1a,') ? 'ed25519' : null;
    if (kind === null || signatures.length === SIGNATURES_MAX) continue;
    const text = part.slice(part.indexOf(',') + 1);
    const bytes = Buffer.from(text, 'base64');
    if (kind === 'ed25519' && signatures.filter((signature) => signature.kind === kind).length === ED25519_MAX)
      continue;
    // Node's decoder forgives; a text that doesn't come back was not what the signer sent.
    if (bytes.length === BYTES[kind] && bytes.toString('base64') === text) signatures.push({ kind, bytes });
  }
  return signatures;
}

function fittingKey(
  signatures: readonly Signature[],
  prefix: string,
  body: Buffer,
  keys: readonly VerificationKey[],
  nowMs: number,
): VerificationKey | null {
  let fitting: VerificationKey | null = null;
  let content: Buffer | null = null;
  for (const key of keys) {
    const expected = key.kind === 'hmac' ? createHmac('sha256', key.key).update(prefix).update(body).digest() : null;
    for (const { kind, bytes } of signatures) {
      if (kind !== key.kind) continue;
      content ??= Buffer.concat([Buffer.from(prefix), body]);
      const fits = expected ? timingSafeEqual(expected, bytes) : verifySignature(null, content, key.key, bytes);
      if (fits && isCurrent(key, nowMs)) fitting ??= key;
    }
  }
  return fitting;
}

import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { SCHEMES } from '@towpath/sources/schemes';
import { storableText } from '../storable-text.js';
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
 * `Stripe-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, with several `v1` while a secret is rolled.
 * The secret is used as it is written, with its `whsec_`. The id is the event's, in the signed body.
 */
export const stripe: Scheme = {
  name: 'stripe',
  ...SCHEMES.stripe,

  keyOf: ({ text, expiresAt, person }) => ({ key: createSecretKey(text, 'utf8'), kind: 'hmac', expiresAt, person }),

  verify([header = '']: SignatureHeaders, body, keys, nowMs): Verdict {
    const parsed = parse(header);
    if (!parsed) {
      const detail = 'Stripe-Signature is not `t=<seconds>,v1=<64 hex digits>`; send it as Stripe made it.';
      return { refusal: { code: 'SIGNATURE_MALFORMED', detail } };
    }
    const fitting = fittingKey(parsed, body, keys, nowMs);
    const late = timestampRefusal(parsed.seconds, nowMs);
    // What is wrong with the time is told only to those who hold the secret.
    if (!fitting) return { refusal: INVALID };
    return late ? { refusal: late } : { key: fitting };
  },

  signedIdOf: (_headers, body) => storableText(body['id']),
};

interface Parsed {
  readonly seconds: string;
  readonly digests: readonly Buffer[];
}

const HEX_DIGEST = /^[0-9a-f]{64}$/;

function parse(header: string): Parsed | null {
  let seconds: string | null = null;
  const digests: Buffer[] = [];
  for (const part of header.split(',', 2 * SIGNATURES_MAX)) {
    const name = part.slice(0, part.indexOf('=')).trim();
    const value = part.slice(part.indexOf('=') + 1);
    if (name === 't') {
      if (seconds !== null) return null;
      seconds = value;
    } else if (name === 'v1' && HEX_DIGEST.test(value) && digests.length < SIGNATURES_MAX) {
      digests.push(Buffer.from(value, 'hex'));
    }
  }
  return seconds === null || digests.length === 0 ? null : { seconds, digests };
}

function fittingKey(
  { seconds, digests }: Parsed,
  body: Buffer,
  keys: readonly VerificationKey[],
  nowMs: number,
): VerificationKey | null {
  let fitting: VerificationKey | null = null;
  for (const key of keys) {
    const expected = createHmac('sha256', key.key).update(`${seconds}.`).update(body).digest();
    for (const digest of digests) {
      if (timingSafeEqual(expected, digest) && isCurrent(key, nowMs)) fitting ??= key;
    }
  }
  return fitting;
}

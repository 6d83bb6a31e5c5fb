import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { SCHEMES } from '@towpath/sources/schemes';
import { storableText } from '../storable-text.js';
import { INVALID, isCurrent, timeRefusal, type Scheme, type SignatureHeaders, type Verdict } from './scheme.js';

/**
 * `X-Zendesk-Webhook-Signature: <base64 HMAC-SHA256 of "<timestamp><body>">` and `X-Zendesk-Webhook-Signature-Timestamp`, ISO
 * 8601 in UTC. The secret is used as it is written. The id is the event's, in the signed body.
 */
export const zendesk: Scheme = {
  name: 'zendesk',
  ...SCHEMES.zendesk,

  keyOf: ({ text, expiresAt, person }) => ({ key: createSecretKey(text, 'utf8'), kind: 'hmac', expiresAt, person }),

  verify([signature = '', time = '']: SignatureHeaders, body, keys, nowMs): Verdict {
    const given = Buffer.from(signature, 'base64');
    // Node's decoder forgives; a text that doesn't come back was not what Zendesk sent.
    if (given.length !== DIGEST_BYTES || given.toString('base64') !== signature) {
      const detail = 'X-Zendesk-Webhook-Signature is not a SHA-256 in base64; send it as Zendesk made it.';
      return { refusal: { code: 'SIGNATURE_MALFORMED', detail } };
    }
    // A fixed form, since nothing divides the time from the body.
    if (!TIME.test(time)) {
      const detail =
        'X-Zendesk-Webhook-Signature-Timestamp is not such as 2026-01-31T09:00:00Z; send it as it was signed.';
      return { refusal: { code: 'SIGNATURE_MALFORMED', detail } };
    }
    let fitting = null;
    for (const key of keys) {
      const expected = createHmac('sha256', key.key).update(time).update(body).digest();
      if (timingSafeEqual(expected, given) && isCurrent(key, nowMs)) fitting ??= key;
    }
    // What is wrong with the time is told only to those who hold the secret.
    if (!fitting) return { refusal: INVALID };
    const late = timeRefusal(Date.parse(time), nowMs);
    return late ? { refusal: late } : { key: fitting };
  },

  signedIdOf: (_headers, body) => storableText(body['id']),
};

const DIGEST_BYTES = 32;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z$/;

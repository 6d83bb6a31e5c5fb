import { createHmac, sign } from 'node:crypto';
import { privateKeyOf, secretBytesOf } from './keys.js';
import type { SchemeName } from './schemes.js';

/** A delivery as its sender has it before it is signed. */
export interface Unsigned {
  /** idempotency key of the delivery, the same for each attempt; only `standard` signs it */
  readonly id: string;
  readonly body: Buffer | string;
  /** time of the attempt; schemes that sign no time leave it out */
  readonly at: Date;
}

/** Headers of a delivery as the scheme of that name signs it. Throws KEY_INVALID for a key that is none of the scheme's. */
export function signAs(scheme: SchemeName, key: string, { id, body, at }: Unsigned): Record<string, string> {
  switch (scheme) {
    case 'standard':
      return signStandard(key, id, body, at);
    case 'stripe':
      return signStripe(key, body, at);
    case 'zendesk':
      return signZendesk(key, body, at);
    case 'intercom':
      return { 'x-hub-signature': `sha1=${hexHmac('sha1', key, body)}` };
    case 'github':
      return { 'x-hub-signature-256': `sha256=${hexHmac('sha256', key, body)}` };
    case 'notion':
      return { 'x-notion-signature': `sha256=${hexHmac('sha256', key, body)}` };
  }
}

/**
 * Headers of a delivery as Stripe signs it.
 * @param secret the endpoint's secret, used as it is written
 * @param at time of the attempt
 */
export function signStripe(secret: string, body: Buffer | string, at: Date): Record<string, string> {
  const seconds = unixSeconds(at);
  const digest = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return { 'stripe-signature': `t=${seconds},v1=${digest}` };
}

/**
 * Headers of a Standard Webhooks delivery.
 * @param key `whsec_…` signs `v1`, `whsk_…` signs `v1a`; anything else throws KEY_INVALID
 * @param id idempotency key of the delivery, the same for each attempt
 * @param at time of the attempt
 */
export function signStandard(key: string, id: string, body: Buffer | string, at: Date): Record<string, string> {
  const seconds = unixSeconds(at);
  const content = Buffer.concat([Buffer.from(`${id}.${seconds}.`), Buffer.from(body)]);
  const signature = key.startsWith('whsk_')
    ? `v1a,${sign(null, content, privateKeyOf(key)).toString('base64')}`
    : `v1,${createHmac('sha256', secretBytesOf(key)).update(content).digest('base64')}`;
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature };
}

/** Headers of a delivery as Zendesk signs it: the time, as ISO 8601 in whole seconds, straight before the body. */
export function signZendesk(secret: string, body: Buffer | string, at: Date): Record<string, string> {
  const time = `${at.toISOString().slice(0, 19)}Z`;
  const digest = createHmac('sha256', secret).update(time).update(body).digest('base64');
  return { 'x-zendesk-webhook-signature': digest, 'x-zendesk-webhook-signature-timestamp': time };
}

function hexHmac(algorithm: 'sha1' | 'sha256', secret: string, body: Buffer | string): string {
  return createHmac(algorithm, secret).update(body).digest('hex');
}

function unixSeconds(at: Date): string {
  return String(Math.floor(at.getTime() / 1000));
}

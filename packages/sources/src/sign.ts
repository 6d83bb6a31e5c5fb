import { createHmac, sign } from 'node:crypto';
import { privateKeyOf, secretBytesOf } from './keys.js';

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

function unixSeconds(at: Date): string {
  return String(Math.floor(at.getTime() / 1000));
}

import type { SendWebhook } from '@towpath/contracts/hooks/SendWebhook.v1';
import { signStandard } from '@towpath/sources/sign';
import { Unsendable } from '../../failed-call.js';
import type { OpenEffect } from '../../ledger.projection.js';

/**
 * A webhook as Standard Webhooks writes and signs it. The id follows from the effect and is the same in each attempt; of
 * several secrets each signs, so that a receiver can change from one to the next.
 * @param at time of the attempt
 */
export function signedHook(
  { type, payload }: SendWebhook,
  { effectId, reservedAt, origin }: OpenEffect,
  secrets: readonly string[],
  at: Date,
): { body: string; headers: Record<string, string> } {
  const id = `msg_${effectId}`;
  const body = JSON.stringify({ type, timestamp: new Date(reservedAt).toISOString(), data: dataIn(payload) });
  const signed = secrets.map((secret) => signStandard(secret, id, body, at));
  const signature = signed.map((headers) => headers['webhook-signature']).join(' ');
  return {
    body,
    headers: {
      ...signed[0],
      'webhook-signature': signature,
      'content-type': 'application/json',
      'user-agent': 'Towpath-Webhooks/1.0',
      'towpath-correlation-id': origin.correlationId,
    },
  };
}

function dataIn(payload: string): object {
  try {
    const data: unknown = JSON.parse(payload);
    if (typeof data === 'object' && data !== null) return data;
  } catch {
    // Said below.
  }
  throw new Unsendable('PAYLOAD_INVALID', 'the payload is no JSON object');
}

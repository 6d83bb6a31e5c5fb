import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { at, textAt, verdictOf, type Answer } from '../../answer.js';
import { httpAdapter } from '../../http-adapter.js';
import type { CallResult } from '../../provider.js';
import { providerLimits } from '../../provider-limits.js';
import { chargeAtGateway } from './charge.js';
import { creditAtGateway } from './credit.js';
import { refundAtGateway } from './refund.js';

const limits = providerLimits('GATEWAY', {
  ...{ sandboxPath: '/gateway', sandboxCallsPerSecond: 2_000, callsPerSecond: 20 },
});

const HOUR_MS = 3_600_000;

const settings = z.object({
  /** https://PREFIX.api.checkout.com */
  ...limits.shape,
  GATEWAY_SECRET_KEY: secret(z.string().min(8)).optional(),
  /** the currency account that refunds without a payment of theirs, and credits, are paid from */
  GATEWAY_CURRENCY_ACCOUNT: z.string().default('ca_sandbox'),
  /** how long a repeated key gives the first outcome; 0 for none */
  GATEWAY_KEY_WINDOW_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(23 * HOUR_MS),
});

export type GatewaySettings = z.output<typeof settings>;

/** The second gateway, by Checkout.com's API: charges, refunds and credits. It keeps idempotency keys. */
export const gateway = httpAdapter({
  provider: 'gateway',
  settings,
  tools: [chargeAtGateway, refundAtGateway, creditAtGateway],
  limits: limits.of,
  headers: ({ GATEWAY_SECRET_KEY }, live) => ({
    authorization: `Bearer ${live ? (GATEWAY_SECRET_KEY ?? '') : 'sk_sandbox'}`,
  }),
  keyWindowMs: ({ GATEWAY_KEY_WINDOW_MS }) => GATEWAY_KEY_WINDOW_MS,
  verdict: inItsWords,
});

/** A declined payment is a 201 that says so; a refused request names its reasons in `error_codes`. */
function inItsWords(answer: Answer): CallResult | undefined {
  const { json } = answer;
  const verdict = verdictOf(answer);
  if (verdict === undefined && at(json, 'approved') === false) {
    const code = textAt(json, 'response_code') ?? 'DECLINED';
    return { kind: 'refused', code, detail: textAt(json, 'response_summary') ?? 'declined' };
  }
  const code = textAt(json, 'error_codes', 0);
  if (verdict?.kind !== 'refused' || code === undefined) return verdict;
  return { ...verdict, code };
}

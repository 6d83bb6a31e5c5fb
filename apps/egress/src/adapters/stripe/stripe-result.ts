import { outboundErrorOf } from '@towpath/outbound/outbound-error';
import { Stripe } from 'stripe';
import { resultOfFailure } from '../../failed-call.js';
import type { CallResult } from '../../provider.js';

/** Codes that mean that the subject's state already rules the call out: perhaps because an earlier call of ours did it. */
const STATE_CODES: ReadonlySet<string> = new Set([
  'payment_intent_unexpected_state',
  'charge_already_captured',
  'charge_already_refunded',
]);

/** What an error of a mutating call means for its effect. */
export function resultOfError(error: unknown): CallResult {
  if (outboundErrorOf(error) === undefined && error instanceof Stripe.errors.StripeError) return resultOfReply(error);
  return resultOfFailure(error);
}

function resultOfReply(error: InstanceType<typeof Stripe.errors.StripeError>): CallResult {
  // Of a declined card the issuer's reason says more: what is tried next depends on it.
  const code = error.decline_code ?? error.code ?? error.type;
  const detail = error.message;
  const status = error.statusCode ?? 0;
  if (status === 429) return { kind: 'not-acted', code: 'RATE_LIMITED_BY_PROVIDER', detail };
  // Our key is wrong or may not do this: nothing was done, and a person may mend it while the effect is tried.
  if (status === 401 || status === 403) return { kind: 'not-acted', code: 'PROVIDER_REFUSED_KEY', detail };
  // The same key is being worked on, or the state is what a done call would leave: only a look can tell.
  if (status === 409 || STATE_CODES.has(code)) return { kind: 'unknown', code, detail };
  if (status >= 400 && status < 500) return { kind: 'refused', code, detail };
  return { kind: 'unknown', code: 'PROVIDER_FAILED', detail };
}

/** What kept a read from an answer. */
export function readFailure(error: unknown): { code: string; detail: string } {
  const outbound = outboundErrorOf(error);
  if (outbound) return { code: outbound.code, detail: outbound.message };
  if (error instanceof Stripe.errors.StripeError) return { code: error.code ?? error.type, detail: error.message };
  return { code: 'ADAPTER_FAILED', detail: String(error) };
}

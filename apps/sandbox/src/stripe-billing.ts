import type { ActionCall, Change } from './stripe-actions.js';
import { assertTaken } from './stripe-charges.js';
import { StripeRefusal } from './stripe-error.js';

/** Changes a subscription's collection, or pays an invoice. `state` is what was set before; undefined when nothing was. */
export function bill({ action, subject, fields }: ActionCall, state: string | undefined): Change {
  if (/^(in|sub)_missing/.test(subject))
    throw new StripeRefusal(404, 'invalid_request_error', 'resource_missing', `No such object: '${subject}'`);
  if (action === 'pause-subscription') return { state: 'paused', amount: null };
  if (action === 'resume-subscription') return { state: 'active', amount: null };
  if (state === 'paid')
    throw new StripeRefusal(400, 'invalid_request_error', 'invoice_already_paid', 'Invoice is already paid');
  assertTaken(fields.get('payment_method') ?? 'pm_card_visa');
  return { state: 'paid', amount: null };
}

export function subscriptionBody(id: string, state: string | undefined): object {
  const pause = state === 'paused' ? { behavior: 'void', resumes_at: null } : null;
  return { id, object: 'subscription', livemode: false, status: 'active', pause_collection: pause };
}

export function invoiceBody(id: string, state: string | undefined): object {
  return { id, object: 'invoice', livemode: false, status: state ?? 'open', paid: state === 'paid' };
}

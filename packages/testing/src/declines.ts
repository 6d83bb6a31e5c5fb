import { stripeEvent } from './charges.js';

/** A payment that an issuer declined; its ids and its customer's address follow from `id`. */
export interface Decline {
  readonly id: string;
  readonly customer: string;
  readonly declineCode: string;
}

export const addressOf = (id: string): string => `${id}@example.com`;

/** A `payment_intent.payment_failed` of 49.99 as Stripe sends it. */
export function declinedBody({ id, customer, declineCode }: Decline): string {
  const error = {
    ...{ code: 'card_declined', decline_code: declineCode, message: 'Your card was declined.' },
    payment_method: { card: { fingerprint: `card-${id}` }, billing_details: { email: addressOf(id) } },
  };
  const intent = {
    ...{ id: `pi_${id}`, object: 'payment_intent', amount: 4_999, currency: 'usd', customer },
    ...{ status: 'requires_payment_method', last_payment_error: error, metadata: {} },
  };
  return stripeEvent(`evt_${id}`, 'payment_intent.payment_failed', intent, `pi_${id}`).body;
}

/** The `charge.failed` of the same payment. */
export function declinedChargeBody({ id, customer, declineCode }: Decline): string {
  const charge = {
    ...{ id: `ch_${id}`, object: 'charge', payment_intent: `pi_${id}`, customer, amount: 4_999, currency: 'usd' },
    ...{ failure_code: declineCode, billing_details: { email: addressOf(id) }, metadata: {} },
  };
  return stripeEvent(`evt_${id}_charge`, 'charge.failed', charge, `pi_${id}`).body;
}

/** The `payment_intent.succeeded` that ends it. */
export function paidBody(id: string): string {
  const intent = { id: `pi_${id}`, object: 'payment_intent', amount: 4_999, amount_received: 4_999, currency: 'usd' };
  return stripeEvent(`evt_${id}_paid`, 'payment_intent.succeeded', intent, `pi_${id}`).body;
}

/** The page of the provider on which the invoice of `unpaidInvoiceBody` can be paid. */
export const payUrlOf = (id: string): string => `https://invoice.example/in_${id}`;

/** The `invoice.payment_failed` of a subscription's invoice that the payment was for. */
export function unpaidInvoiceBody({ id, customer }: Pick<Decline, 'id' | 'customer'>): string {
  const invoice = {
    ...{ id: `in_${id}`, object: 'invoice', customer, customer_email: addressOf(id), currency: 'usd' },
    ...{ payment_intent: `pi_${id}`, subscription: `sub_${id}`, attempt_count: 1, next_payment_attempt: null },
    ...{ amount_remaining: 4_999, amount_paid: 0, hosted_invoice_url: payUrlOf(id) },
  };
  return stripeEvent(`evt_${id}_invoice`, 'invoice.payment_failed', invoice, `pi_${id}`).body;
}

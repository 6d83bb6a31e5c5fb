import { unknownPayment } from './payment.js';
import type { ActionCall, Change } from './stripe-actions.js';
import { StripeRefusal } from './stripe-error.js';
import { minorUnits, nested } from './stripe-form.js';

/** Stripe's test cards that decline (docs.stripe.com/testing, Declined payments), by payment method. */
const DECLINES: Readonly<Record<string, string>> = {
  pm_card_chargeDeclined: 'generic_decline',
  pm_card_visa_chargeDeclined: 'generic_decline',
  pm_card_visa_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  pm_card_visa_chargeDeclinedLostCard: 'lost_card',
  pm_card_visa_chargeDeclinedStolenCard: 'stolen_card',
  pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  pm_card_chargeDeclinedExpiredCard: 'expired_card',
};

/** Takes money from a stored card at once. Throws StripeRefusal when the card declines. */
export function charge({ subject, fields }: ActionCall): Change {
  const amount = minorUnits(fields, 'amount');
  const method = fields.get('payment_method');
  const customerId = fields.get('customer') ?? null;
  if (amount === undefined || amount < 1) throw missing('amount');
  if (method === undefined) throw missing('payment_method');
  assertTaken(method);
  const payment = unknownPayment(subject, amount, 'succeeded');
  const currency = fields.get('currency') ?? 'usd';
  return { payment: { ...payment, currency, customerId, metadata: nested(fields, 'metadata') }, amount };
}

/** Throws StripeRefusal for a card that declines. */
export function assertTaken(paymentMethod: string): void {
  const reason = Object.hasOwn(DECLINES, paymentMethod) ? DECLINES[paymentMethod] : undefined;
  if (reason !== undefined) throw declined(reason);
}

/** A card's "no" with its issuer's reason. */
export function declined(reason: string, message = 'Your card was declined.'): StripeRefusal {
  const code = reason === 'expired_card' ? reason : 'card_declined';
  return new StripeRefusal(402, 'card_error', code, message, reason);
}

/** A customer with a card of its own, unless its id says that it has none. */
export function customerBody(id: string): object {
  const card = /nocard/.test(id) ? null : 'pm_card_visa';
  return { id, object: 'customer', livemode: false, invoice_settings: { default_payment_method: card } };
}

function missing(field: string): StripeRefusal {
  return new StripeRefusal(400, 'invalid_request_error', 'parameter_missing', `Missing required param: ${field}.`);
}

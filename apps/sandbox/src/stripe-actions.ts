import { createHash } from 'node:crypto';
import {
  chargeBody,
  paymentIntentBody,
  refundBody,
  refundedAmount,
  unknownPayment,
  type Payment,
  type Refund,
} from './payment.js';
import { bill, invoiceBody, subscriptionBody } from './stripe-billing.js';
import { charge } from './stripe-charges.js';
import { minorUnits, nested, type FormFields } from './stripe-form.js';
import { StripeRefusal } from './stripe-error.js';

export type BillingAction = 'pause-subscription' | 'resume-subscription' | 'pay-invoice';

/** A mutating call, taken from the request. */
export interface ActionCall {
  readonly action: 'capture' | 'cancel' | 'refund' | 'payout-schedule' | 'charge' | BillingAction;
  /** the payment, the connected account, the subscription or the invoice */
  readonly subject: string;
  readonly fields: FormFields;
  readonly idempotencyKey: string | null;
}

/** What an action changes; a function of the state and the call, so that a restart gives the same reply again. */
export interface Change {
  readonly payment?: Payment;
  readonly interval?: string;
  /** of a subscription or an invoice */
  readonly state?: string;
  readonly refund?: Refund;
  readonly amount: number | null;
}

/** What a call acts on, as it is before. */
export interface Before {
  readonly payment: Payment | undefined;
  /** of a subscription or an invoice */
  readonly state: string | undefined;
}

/** Applies a call. Throws StripeRefusal when Stripe would refuse it. */
export function act(call: ActionCall, { payment: known, state }: Before, seq: number): Change {
  if (call.action === 'payout-schedule') return { interval: intervalOf(call.fields), amount: null };
  if (call.action === 'charge') return charge(call);
  if (isBilling(call.action)) return bill(call, state);
  const asked = minorUnits(call.fields, call.action === 'capture' ? 'amount_to_capture' : 'amount');
  const fresh = unknownPayment(
    call.subject,
    asked ?? 1_000,
    call.action === 'refund' ? 'succeeded' : 'requires_capture',
  );
  const payment = known ?? fresh;
  const metadata = nested(call.fields, 'metadata');
  if (call.action === 'cancel') return cancel(payment);
  if (call.action === 'refund') return refund(payment, asked, { id: refundIdOf(call, seq), metadata });
  return capture({ ...payment, metadata: { ...payment.metadata, ...metadata } }, asked);
}

/** Whether it is about a subscription or an invoice. */
export function isBilling(action: ActionCall['action']): action is BillingAction {
  return action === 'pause-subscription' || action === 'resume-subscription' || action === 'pay-invoice';
}

/** The body of the reply to a call that acted. */
export function replyBody(call: Pick<ActionCall, 'action' | 'subject'>, change: Change): object {
  if (call.action === 'payout-schedule') return accountBody(call.subject, change.interval ?? 'daily');
  if (call.action === 'pay-invoice') return invoiceBody(call.subject, change.state);
  if (isBilling(call.action)) return subscriptionBody(call.subject, change.state);
  const payment = change.payment as Payment;
  if (change.refund !== undefined) return refundBody(payment, change.refund);
  return payment.id === payment.chargeId ? chargeBody(payment) : paymentIntentBody(payment);
}

export function accountBody(id: string, interval: string): object {
  return { id, object: 'account', settings: { payouts: { schedule: { interval, delay_days: 2 } } } };
}

function capture(payment: Payment, asked: number | undefined): Change {
  if (payment.status !== 'requires_capture') throw unexpectedState(payment, 'captured');
  const amount = asked ?? payment.amount;
  if (amount > payment.amount)
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      'amount_too_large',
      'The amount to capture is larger than the authorised amount.',
    );
  return { payment: { ...payment, status: 'succeeded', amount }, amount };
}

function cancel(payment: Payment): Change {
  if (payment.status !== 'requires_capture') throw unexpectedState(payment, 'canceled');
  return { payment: { ...payment, status: 'canceled' }, amount: payment.amount };
}

function refund(payment: Payment, asked: number | undefined, made: Omit<Refund, 'amount'>): Change {
  if (payment.status !== 'succeeded') throw unexpectedState(payment, 'refunded');
  const left = payment.amount - refundedAmount(payment);
  if (left <= 0)
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      'charge_already_refunded',
      `Charge ${payment.chargeId} has already been refunded.`,
    );
  const amount = asked ?? left;
  if (amount > left)
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      'amount_too_large',
      'Refund amount is greater than unrefunded amount on charge.',
    );
  const done = { ...made, amount };
  return { payment: { ...payment, refunds: [...payment.refunds, done] }, amount, refund: done };
}

function intervalOf(fields: FormFields): string {
  const interval = fields.get('settings[payouts][schedule][interval]');
  if (interval === undefined || !['manual', 'daily', 'weekly', 'monthly'].includes(interval))
    throw new StripeRefusal(
      400,
      'invalid_request_error',
      'parameter_invalid',
      'settings[payouts][schedule][interval] must be manual, daily, weekly or monthly.',
    );
  return interval;
}

function unexpectedState({ id, status }: Payment, verb: string): StripeRefusal {
  const code = id.startsWith('ch_') ? 'charge_already_captured' : 'payment_intent_unexpected_state';
  return new StripeRefusal(
    400,
    'invalid_request_error',
    code,
    `This payment could not be ${verb} because it has a status of ${status}.`,
  );
}

function refundIdOf(call: ActionCall, seq: number): string {
  return `re_${createHash('sha256')
    .update(`${call.idempotencyKey ?? ''}/${call.subject}/${seq}`)
    .digest('hex')
    .slice(0, 24)}`;
}

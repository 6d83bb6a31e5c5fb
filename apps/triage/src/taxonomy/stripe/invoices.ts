import { InvoicePaid } from '@towpath/contracts/payments/InvoicePaid.v1';
import { InvoicePaymentFailed } from '@towpath/contracts/payments/InvoicePaymentFailed.v1';
import { emit } from '@towpath/service-kit/message';
import { fieldsAt, idAt, requiredText, requiredWhole, secondsAt, textAt, type Fields } from '../fields.js';
import { accountOf } from './charge-facts.js';
import { moneyAt } from './money.js';
import type { StripeRoute } from './route.js';

export const invoicePaymentFailed: StripeRoute = ({ object, paymentId, at }) => [
  emit(InvoicePaymentFailed, {
    ...invoiceOf(object, paymentId),
    ...moneyAt(object, 'amount_remaining'),
    attempts: requiredWhole(object, 'attempt_count'),
    nextAttemptAt: secondsAt(object, 'next_payment_attempt'),
    email: textAt(object, 'customer_email'),
    payUrl: textAt(object, 'hosted_invoice_url'),
    failedAt: at,
  }),
];

export const invoicePaid: StripeRoute = ({ object, paymentId, at }) => [
  emit(InvoicePaid, { ...invoiceOf(object, paymentId), ...moneyAt(object, 'amount_paid'), paidAt: at }),
];

/** The payment of an invoice: named by it, or by the first of its payments, as newer versions of the API have it. */
export function paymentOfInvoice(invoice: Fields): string | null {
  const [first] = listAt(fieldsAt(invoice, 'payments'), 'data');
  return idAt(invoice, 'payment_intent') ?? (first ? idAt(fieldsAt(first, 'payment'), 'payment_intent') : null);
}

function invoiceOf(invoice: Fields, paymentId: string) {
  const { accountId } = accountOf(invoice, paymentId);
  return { paymentId, invoiceId: requiredText(invoice, 'id'), subscriptionId: subscriptionOf(invoice), accountId };
}

/** Newer versions of the API keep it with what the invoice came from. */
function subscriptionOf(invoice: Fields): string | null {
  const parent = fieldsAt(fieldsAt(invoice, 'parent'), 'subscription_details');
  return idAt(invoice, 'subscription') ?? idAt(parent, 'subscription');
}

function listAt(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? (value as Fields[]) : [];
}

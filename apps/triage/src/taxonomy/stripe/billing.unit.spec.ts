import { InvoicePaid } from '@towpath/contracts/payments/InvoicePaid.v1';
import { InvoicePaymentFailed } from '@towpath/contracts/payments/InvoicePaymentFailed.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { SubscriptionChanged } from '@towpath/contracts/payments/SubscriptionChanged.v1';
import { delivered, Triage } from '../../triage.fixture.js';

const NOON_SECONDS = 1_772_452_800;

function told(type: string, object: object): Triage {
  const triage = new Triage();
  triage.deliver(delivered(`d-${type}`, { id: `evt_${type}`, type, created: NOON_SECONDS, data: { object } }));
  return triage;
}

const invoice = {
  ...{ id: 'in_1', object: 'invoice', customer: 'cus_1', currency: 'usd', customer_email: 'ada@example.com' },
  ...{ payment_intent: 'pi_1', charge: 'ch_1', subscription: 'sub_1', attempt_count: 2, next_payment_attempt: null },
  ...{ amount_remaining: 4999, amount_paid: 0, hosted_invoice_url: 'https://invoice.example/in_1' },
};

describe('what Stripe tells of billing', () => {
  it('keeps where a declined customer can be written to, and the invoice it was for', () => {
    const error = {
      ...{ code: 'card_declined', decline_code: 'insufficient_funds', message: 'Your card has insufficient funds.' },
      payment_method: { card: {}, billing_details: { email: 'ada@example.com' } },
    };
    const money = { amount: 4999, currency: 'usd', customer: 'U9921', invoice: 'in_1' };
    const intent = { id: 'pi_1', object: 'payment_intent', ...money, last_payment_error: error };
    expect(told('payment_intent.payment_failed', intent).all(PaymentFailed)).toMatchObject([
      {
        accountId: 'U9921',
        declineCode: 'insufficient_funds',
        amountMinor: 4999,
        email: 'ada@example.com',
        invoiceId: 'in_1',
      },
    ]);
    const charge = { id: 'ch_1', object: 'charge', payment_intent: 'pi_1', ...money, receipt_email: 'ada@example.com' };
    expect(told('charge.failed', charge).all(PaymentFailed)).toMatchObject([
      { email: 'ada@example.com', invoiceId: 'in_1' },
    ]);
  });

  it('says of a new payment which declined one it stands for', () => {
    const money = { amount: 4999, amount_received: 4999, currency: 'usd' };
    const intent = { id: 'pi_2', object: 'payment_intent', ...money, metadata: { recovers_payment: 'pi_1' } };
    expect(told('payment_intent.succeeded', intent).all(PaymentCaptured)).toMatchObject([
      { paymentId: 'pi_2', recoversPaymentId: 'pi_1' },
    ]);
  });

  it('tells of an invoice under its payment, with the subscription and what is still due', () => {
    const failed = {
      ...{ paymentId: 'pi_1', invoiceId: 'in_1', subscriptionId: 'sub_1', accountId: 'cus_1', amountMinor: 4999 },
      ...{ currency: 'USD', attempts: 2, nextAttemptAt: null, email: 'ada@example.com' },
      ...{ payUrl: 'https://invoice.example/in_1', failedAt: NOON_SECONDS * 1000 },
    };
    expect(told('invoice.payment_failed', invoice).all(InvoicePaymentFailed)).toEqual([failed]);
    const again = told('invoice.payment_failed', { ...invoice, next_payment_attempt: NOON_SECONDS + 60 });
    expect(again.all(InvoicePaymentFailed)).toMatchObject([{ nextAttemptAt: (NOON_SECONDS + 60) * 1000 }]);
    const paid = told('invoice.paid', { ...invoice, amount_paid: 4999, amount_remaining: 0 });
    expect(paid.all(InvoicePaid)).toMatchObject([{ paymentId: 'pi_1', invoiceId: 'in_1', amountMinor: 4999 }]);
  });

  it('finds the payment and the subscription where newer versions of the API keep them', () => {
    const { payment_intent: _intent, charge: _charge, subscription: _subscription, ...rest } = invoice;
    const newer = {
      ...rest,
      payments: { data: [{ payment: { type: 'payment_intent', payment_intent: 'pi_9' } }] },
      parent: { subscription_details: { subscription: 'sub_9' } },
    };
    expect(told('invoice.payment_failed', newer).all(InvoicePaymentFailed)).toMatchObject([
      { paymentId: 'pi_9', subscriptionId: 'sub_9' },
    ]);
    expect(told('invoice.payment_failed', rest).all(InvoicePaymentFailed)).toMatchObject([
      { paymentId: 'in_1', subscriptionId: null },
    ]);
  });

  it('tells when a subscription changes, ends or is no longer collected', () => {
    const subscription = { id: 'sub_1', object: 'subscription', customer: 'cus_1', status: 'past_due' };
    const paused = { ...subscription, pause_collection: { behavior: 'void' } };
    expect(told('customer.subscription.updated', paused).all(SubscriptionChanged)).toEqual([
      {
        ...{ subscriptionId: 'sub_1', accountId: 'cus_1', status: 'past_due', collectionPaused: true },
        changedAt: NOON_SECONDS * 1000,
      },
    ]);
    const ended = { ...subscription, status: 'canceled' };
    expect(told('customer.subscription.deleted', ended).all(SubscriptionChanged)).toMatchObject([
      { status: 'canceled', collectionPaused: false },
    ]);
  });
});

import { SECONDS_PER_DAY } from '../payment-facts.js';
import { idsOf, CURRENCY } from './as-payment-facts.js';
import type { CardPayment } from './card-payments.js';

/**
 * A row as the body of Stripe's `charge.succeeded`, for a test that sends rows through ingress and compares the decisions'
 * scores with those of `Replay`. What the file lacks is absent. The money is already taken, so no authorisation expires.
 *
 * Scores follow charge time: deliver one customer's rows in order. `daysLater` moves all rows by whole days, which
 * changes no score.
 */
export function asStripeDelivery(payment: CardPayment, daysLater = 0): Record<string, unknown> {
  const { paymentId, chargeId, customerId, merchantId } = idsOf(payment);
  const created = payment.seconds + daysLater * SECONDS_PER_DAY;
  return {
    id: `evt_row${payment.line}`,
    object: 'event',
    api_version: '2020-08-27',
    created,
    type: 'charge.succeeded',
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    data: {
      object: {
        id: chargeId,
        object: 'charge',
        amount: payment.amountMinor,
        amount_captured: payment.amountMinor,
        amount_refunded: 0,
        captured: true,
        created,
        currency: CURRENCY.toLowerCase(),
        customer: customerId,
        metadata: { terminal: merchantId },
        outcome: null,
        paid: true,
        payment_intent: paymentId,
        payment_method_details: { card: {}, type: 'card' },
        refunded: false,
        status: 'succeeded',
      },
    },
  };
}

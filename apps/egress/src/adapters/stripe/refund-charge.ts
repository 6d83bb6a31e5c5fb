import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import type { Stripe } from 'stripe';
import { findCharge } from './charges-at-stripe.js';
import { done, stripeAct } from './stripe-act.js';
import { toStripeAmount } from './stripe-amount.js';

/** What a refund of nothing is known by. */
const NOTHING = 'nothing-charged';

/** All or part of a charge back. Stripe refuses more than is left of it. */
export const refundCharge = stripeAct(RefundCharge, {
  async call({ stripe, effect, data, metadata }) {
    const payment = await paymentOf(stripe, data);
    if (payment === undefined) return done(NOTHING);
    const refund = await stripe.refunds.create(
      {
        payment_intent: payment,
        amount: toStripeAmount(data),
        reason: 'requested_by_customer',
        metadata: { ...metadata, towpath_refund_id: data.refundId },
      },
      { idempotencyKey: effect.idempotencyKey },
    );
    if (refund.status !== 'failed' && refund.status !== 'canceled') return done(refund.id);
    const detail = `${refund.id} is ${refund.status}: ${refund.failure_reason ?? 'no reason given'}`;
    return { kind: 'refused', code: refund.failure_reason ?? 'refund_failed', detail };
  },
  async probe({ stripe, data, effect }) {
    const payment = await paymentOf(stripe, data);
    if (payment === undefined) return done(NOTHING);
    const { data: refunds } = await stripe.refunds.list({ payment_intent: payment, limit: 100 });
    const own = refunds.find(({ metadata }) => metadata?.['towpath_effect_id'] === effect.effectId);
    if (own) return done(own.id);
    const sent = refunds.reduce((sum, { amount }) => sum + amount, 0);
    const { amount_received: taken } = await stripe.paymentIntents.retrieve(payment);
    if (sent + toStripeAmount(data) > taken) {
      const detail = `${sent} of ${taken} went back already`;
      return { kind: 'impossible', code: 'charge_already_refunded', detail };
    }
    return { kind: 'not-done', detail: `no refund of ${payment} carries the effect` };
  },
});

async function paymentOf(
  stripe: Stripe,
  data: { readonly paymentId: string | null; readonly accountId: string; readonly chargeRef: string },
): Promise<string | undefined> {
  return data.paymentId ?? (await findCharge(stripe, data))?.id;
}

import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import type { Stripe } from 'stripe';
import { findCharge } from './charges-at-stripe.js';
import { done, stripeAct } from './stripe-act.js';
import { toStripeAmount } from './stripe-amount.js';

/** What a refund of nothing is known by. */
const NOTHING = 'nothing-charged';

/** Under which name a refund is found again. */
const REFUND_ID = 'towpath_refund_id';
const PAGE = 100;
const REFUNDS_MAX = 1_000;

/** All or part of a charge back, once per name of ours. Stripe refuses more than is left of it. */
export const refundCharge = stripeAct(RefundCharge, {
  async call({ stripe, effect, data, metadata }) {
    const payment = await paymentOf(stripe, data);
    if (payment === undefined) return done(NOTHING);
    const before = named(await refundsOf(stripe, payment), data.refundId);
    if (before) return done(before.id);
    const refund = await stripe.refunds.create(
      {
        payment_intent: payment,
        amount: toStripeAmount(data),
        reason: 'requested_by_customer',
        metadata: { ...metadata, [REFUND_ID]: data.refundId },
      },
      { idempotencyKey: effect.idempotencyKey },
    );
    if (refund.status !== 'failed' && refund.status !== 'canceled') return done(refund.id);
    const detail = `${refund.id} is ${refund.status}: ${refund.failure_reason ?? 'no reason given'}`;
    return { kind: 'refused', code: refund.failure_reason ?? 'refund_failed', detail };
  },
  async probe({ stripe, data }) {
    const payment = await paymentOf(stripe, data);
    if (payment === undefined) return done(NOTHING);
    const refunds = await refundsOf(stripe, payment);
    const own = named(refunds, data.refundId);
    if (own) return done(own.id);
    const sent = refunds.reduce((sum, { amount }) => sum + amount, 0);
    const { amount_received: taken } = await stripe.paymentIntents.retrieve(payment);
    if (sent + toStripeAmount(data) > taken) {
      const detail = `${sent} of ${taken} went back already`;
      return { kind: 'impossible', code: 'charge_already_refunded', detail };
    }
    return { kind: 'not-done', detail: `${payment} has no refund of the name ${data.refundId}` };
  },
});

function refundsOf(stripe: Stripe, payment: string): Promise<Stripe.Refund[]> {
  return stripe.refunds.list({ payment_intent: payment, limit: PAGE }).autoPagingToArray({ limit: REFUNDS_MAX });
}

/** One that did not come to nothing. */
function named(refunds: readonly Stripe.Refund[], refundId: string): Stripe.Refund | undefined {
  const isLive = ({ status }: Stripe.Refund): boolean => status !== 'failed' && status !== 'canceled';
  return refunds.find((refund) => refund.metadata?.[REFUND_ID] === refundId && isLive(refund));
}

async function paymentOf(
  stripe: Stripe,
  data: { readonly paymentId: string | null; readonly accountId: string; readonly chargeRef: string },
): Promise<string | undefined> {
  return data.paymentId ?? (await findCharge(stripe, data))?.id;
}

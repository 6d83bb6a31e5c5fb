import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import type { CallResult } from '../../provider.js';
import { CHARGE_REF, findCharge, findPayment, isRefunded, paymentMethodOf } from './charges-at-stripe.js';
import { done, stripeAct } from './stripe-act.js';
import { toStripeAmount } from './stripe-amount.js';

/**
 * A PaymentIntent that is confirmed at once, while its owner is away. What was charged under the same name before is not
 * charged again, whichever command asked for it, unless it went back.
 */
export const chargeCard = stripeAct(ChargeCard, {
  async call(ask): Promise<CallResult> {
    const { stripe, effect, data, metadata } = ask;
    const before = await findCharge(stripe, data);
    if (before && !isRefunded(before)) return done(before.id);
    const payment = await stripe.paymentIntents.create(
      {
        amount: toStripeAmount(data),
        currency: data.currency.toLowerCase(),
        customer: data.accountId,
        payment_method: await paymentMethodOf(ask),
        description: data.description,
        ...{ confirm: true, off_session: true },
        metadata: { ...metadata, [CHARGE_REF]: data.chargeRef },
      },
      { idempotencyKey: effect.idempotencyKey },
    );
    if (payment.status === 'succeeded') return done(payment.id);
    if (payment.status === 'processing')
      return { kind: 'unknown', code: 'PROCESSING', detail: `${payment.id} is being processed` };
    return { kind: 'refused', code: payment.status, detail: `${payment.id} needs its owner: ${payment.status}` };
  },
  async probe({ stripe, effect, data }) {
    const own = await findPayment(
      stripe,
      data.accountId,
      ({ metadata, status }) =>
        metadata['towpath_effect_id'] === effect.effectId && status !== 'requires_payment_method',
    );
    if (own?.status === 'succeeded') return done(own.id);
    if (own?.status === 'processing') return { kind: 'unavailable', detail: `${own.id} is being processed` };
    return { kind: 'not-done', detail: `no payment of ${data.accountId} carries the effect` };
  },
});

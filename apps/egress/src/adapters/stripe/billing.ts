import { PauseSubscription } from '@towpath/contracts/billing/PauseSubscription.v1';
import { ResumeSubscription } from '@towpath/contracts/billing/ResumeSubscription.v1';
import { RetryInvoice } from '@towpath/contracts/billing/RetryInvoice.v1';
import type { ProbeResult } from '../../provider.js';
import { done, stripeAct, type StripeAct, type StripeAsk } from './stripe-act.js';

interface OfSubscription {
  readonly subscriptionId: string;
}

/** Sets whether Stripe collects for a subscription; setting it twice changes nothing. */
function collection(paused: boolean): StripeAct<OfSubscription> {
  return {
    async call({ stripe, effect, data, metadata }) {
      const { id } = await stripe.subscriptions.update(
        data.subscriptionId,
        { pause_collection: paused ? { behavior: 'void' } : '', metadata },
        { idempotencyKey: effect.idempotencyKey },
      );
      return done(id);
    },
    async probe({ stripe, data }): Promise<ProbeResult> {
      const { id, pause_collection: pause } = await stripe.subscriptions.retrieve(data.subscriptionId);
      const isPaused = pause !== null;
      if (isPaused === paused) return done(id);
      return { kind: 'not-done', detail: `${id} is ${isPaused ? '' : 'not '}paused` };
    },
  };
}

export const pauseSubscription = stripeAct(PauseSubscription, collection(true));
export const resumeSubscription = stripeAct(ResumeSubscription, collection(false));

/** Tries to collect an open invoice. One that is paid is done. */
export const retryInvoice = stripeAct(RetryInvoice, {
  async call(ask) {
    const { stripe, effect, data } = ask;
    const before = await standing(ask);
    if (before.kind === 'done') return before;
    if (before.kind === 'impossible') return { kind: 'refused', code: before.code, detail: before.detail };
    const method = data.paymentMethodId;
    const { id = data.invoiceId } = await stripe.invoices.pay(
      data.invoiceId,
      { off_session: true, ...(method !== null && { payment_method: method }) },
      { idempotencyKey: effect.idempotencyKey },
    );
    return done(id);
  },
  probe: standing,
});

async function standing({ stripe, data }: StripeAsk<RetryInvoice>): Promise<ProbeResult> {
  const { status } = await stripe.invoices.retrieve(data.invoiceId);
  if (status === 'paid') return done(data.invoiceId);
  if (status === 'open') return { kind: 'not-done', detail: `${data.invoiceId} is open` };
  return { kind: 'impossible', code: `INVOICE_${status?.toUpperCase()}`, detail: `${data.invoiceId} is ${status}` };
}

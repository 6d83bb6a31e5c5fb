import type { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import type { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import type { Stripe } from 'stripe';
import { CANCEL, CAPTURE, HOLD_PAYOUTS, REFUND, RELEASE_PAYOUTS } from './actions.js';
import type { OpenEffect } from './ledger.projection.js';
import type { CallResult, ProbeResult, Provider } from './provider.js';
import { toStripeAmount } from './stripe-amount.js';
import type { StripeClients } from './stripe-clients.js';
import { readFailure, resultOfError } from './stripe-result.js';

/** Effects carry these, so that what Stripe then reports can be recognised as our own doing. */
const CORRELATION = 'towpath_correlation_id';
const EFFECT = 'towpath_effect_id';

/** The effects of Towpath at Stripe. */
export class StripeProvider implements Provider {
  constructor(
    private readonly clients: StripeClients,
    readonly keyWindowMs: number,
    readonly callMsMax: number,
  ) {}

  accepts(): boolean {
    return this.clients.accepts();
  }

  async execute(effect: OpenEffect): Promise<CallResult> {
    try {
      const reference = await this.call(effect);
      return { kind: 'done', reference };
    } catch (error) {
      return resultOfError(error);
    }
  }

  async probe(effect: OpenEffect): Promise<ProbeResult> {
    try {
      if (effect.action === REFUND) return await this.probeRefund(effect);
      if (effect.action === HOLD_PAYOUTS || effect.action === RELEASE_PAYOUTS) return await this.probePayouts(effect);
      return await this.probePayment(effect);
    } catch (error) {
      const { code, detail } = readFailure(error);
      if (code === 'resource_missing') return { kind: 'impossible', code, detail };
      return { kind: 'unavailable', detail: `${code}: ${detail}` };
    }
  }

  /** The one mutating call; the id of what it made or changed. */
  private async call(effect: OpenEffect): Promise<string> {
    const stripe = this.clients.effects;
    const options = { idempotencyKey: effect.idempotencyKey };
    const metadata = { [CORRELATION]: effect.origin.correlationId, [EFFECT]: effect.effectId };
    const { subjectId: id } = effect;
    switch (effect.action) {
      case CAPTURE: {
        const amount = toStripeAmount(payloadOf(effect));
        // Exactly what was decided: never more than the authorisation the decision saw.
        if (isCharge(id)) return (await stripe.charges.capture(id, { amount }, options)).id;
        return (await stripe.paymentIntents.capture(id, { amount_to_capture: amount, metadata }, options)).id;
      }
      case CANCEL:
        // A cancellation takes no metadata; its event names the idempotency key. An uncaptured charge is let go by a refund.
        if (isCharge(id)) return (await stripe.refunds.create({ charge: id, metadata }, options)).id;
        return (await stripe.paymentIntents.cancel(id, { cancellation_reason: 'fraudulent' }, options)).id;
      case REFUND: {
        const amount = toStripeAmount(payloadOf(effect));
        const what = isCharge(id) ? { charge: id } : { payment_intent: id };
        return (await stripe.refunds.create({ ...what, amount, reason: 'fraudulent', metadata }, options)).id;
      }
      case HOLD_PAYOUTS:
      case RELEASE_PAYOUTS:
        return (await stripe.accounts.update(id, { settings: schedule(effect), metadata }, options)).id;
      default:
        throw new Error(`no call at Stripe for ${effect.action}`);
    }
  }

  private async probePayment(effect: OpenEffect): Promise<ProbeResult> {
    const wanted = effect.action === CAPTURE ? 'captured' : 'canceled';
    const { id, state } = await this.stateOf(effect.subjectId);
    if (state === wanted) return { kind: 'done', reference: id };
    if (state === 'open') return { kind: 'not-done', detail: `${id} is neither captured nor cancelled` };
    return { kind: 'impossible', code: `ALREADY_${state.toUpperCase()}`, detail: `${id} is ${state}` };
  }

  private async stateOf(id: string): Promise<{ id: string; state: 'open' | 'captured' | 'canceled' }> {
    if (isCharge(id)) {
      const charge = await this.clients.effects.charges.retrieve(id);
      return { id, state: charge.captured ? 'captured' : charge.refunded ? 'canceled' : 'open' };
    }
    const { status } = await this.clients.effects.paymentIntents.retrieve(id);
    return { id, state: status === 'succeeded' ? 'captured' : status === 'canceled' ? 'canceled' : 'open' };
  }

  private async probeRefund({ subjectId: id, effectId }: OpenEffect): Promise<ProbeResult> {
    const { data } = await this.clients.effects.refunds.list({
      ...(isCharge(id) ? { charge: id } : { payment_intent: id }),
      limit: 100,
    });
    const own = data.find(({ metadata }) => metadata?.[EFFECT] === effectId);
    if (own) return { kind: 'done', reference: own.id };
    const others = data.map((refund) => refund.id).join(', ');
    return {
      kind: 'not-done',
      detail: others === '' ? `${id} has no refund` : `${id} has only refunds of others: ${others}`,
    };
  }

  private async probePayouts(effect: OpenEffect): Promise<ProbeResult> {
    const account = await this.clients.effects.accounts.retrieve(effect.subjectId);
    const interval = account.settings?.payouts?.schedule.interval;
    const manual = interval === 'manual';
    if (manual === (effect.action === HOLD_PAYOUTS)) return { kind: 'done', reference: account.id };
    return { kind: 'not-done', detail: `payouts of ${account.id} go ${interval ?? 'by an unknown schedule'}` };
  }
}

function payloadOf(effect: OpenEffect): CapturePayment | CancelPayment {
  return JSON.parse(effect.payload) as CapturePayment | CancelPayment;
}

function schedule({ action }: OpenEffect): Stripe.AccountUpdateParams.Settings {
  return { payouts: { schedule: { interval: action === HOLD_PAYOUTS ? 'manual' : 'daily' } } };
}

/** Payments made without a PaymentIntent are known by their charge. */
function isCharge(id: string): boolean {
  return id.startsWith('ch_') || id.startsWith('py_');
}

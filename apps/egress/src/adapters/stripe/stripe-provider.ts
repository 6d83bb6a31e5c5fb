import type { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import type { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { inTraceOf } from '@towpath/service-kit/tracing/in-trace-of';
import type { Stripe } from 'stripe';
import { CANCEL, CAPTURE, HOLD_PAYOUTS, REFUND, RELEASE_PAYOUTS, STRIPE } from '../../actions.js';
import type { Surroundings } from '../../adapter.js';
import { storyMetadata } from '../../effect-story.js';
import type { OpenEffect } from '../../ledger.projection.js';
import type { CallResult, ProbeResult, Provider } from '../../provider.js';
import { askOf } from './stripe-act.js';
import { stripeActs } from './stripe-acts.js';
import { toStripeAmount } from './stripe-amount.js';
import type { StripeClient } from './stripe-clients.js';
import { readFailure, resultOfError } from './stripe-result.js';
import type { StripeSettings } from './stripe.adapter.js';

const EFFECT = 'towpath_effect_id';

/** The effects of Towpath at Stripe. */
export class StripeProvider implements Provider {
  readonly keyWindowMs: number;
  readonly callMsMax: number;
  readonly lateMs: number;
  readonly concurrency: number;
  readonly retry: Provider['retry'];
  readonly breakers: Provider['breakers'];

  constructor(
    private readonly client: StripeClient,
    settings: StripeSettings,
    private readonly around: Pick<Surroundings, 'storyKey'>,
  ) {
    const { outbound } = client;
    this.keyWindowMs = settings.STRIPE_KEY_WINDOW_MS;
    this.callMsMax = settings.STRIPE_CALL_MS_MAX;
    this.lateMs = settings.STRIPE_LATE_MS;
    this.concurrency = settings.EFFECTS_CONCURRENCY;
    this.retry = {
      attemptsMax: settings.EFFECT_ATTEMPTS_MAX,
      giveUpMs: settings.EFFECT_GIVE_UP_MS,
      backoffBaseMs: settings.EFFECT_BACKOFF_MS,
      backoffMsMax: 10_000,
    };
    this.breakers = [
      {
        name: STRIPE,
        get state() {
          return outbound.breakerState;
        },
        reset: () => outbound.resetBreaker(),
      },
    ];
  }

  accepts(): boolean {
    return this.client.outbound.breakerState !== 'open';
  }

  close(): Promise<void> {
    return this.client.outbound.close();
  }

  async execute(effect: OpenEffect): Promise<CallResult> {
    try {
      return await inTraceOf(effect.origin, () => this.act(effect));
    } catch (error) {
      return resultOfError(error);
    }
  }

  async probe(effect: OpenEffect): Promise<ProbeResult> {
    try {
      return await inTraceOf(effect.origin, () => this.look(effect));
    } catch (error) {
      const { code, detail } = readFailure(error);
      if (code === 'resource_missing') return { kind: 'impossible', code, detail };
      return { kind: 'unavailable', detail: `${code}: ${detail}` };
    }
  }

  private async act(effect: OpenEffect): Promise<CallResult> {
    const known = stripeActs.get(effect.action);
    if (known) return known.act.call(askOf(known.command, effect, this.given(effect)));
    return { kind: 'done', reference: await this.call(effect) };
  }

  private given(effect: OpenEffect) {
    return { stripe: this.client.stripe, metadata: storyMetadata(effect, STRIPE, this.around.storyKey) };
  }

  private look(effect: OpenEffect): Promise<ProbeResult> {
    const known = stripeActs.get(effect.action);
    if (known) return known.act.probe(askOf(known.command, effect, this.given(effect)));
    if (effect.action === REFUND) return this.probeRefund(effect);
    if (effect.action === HOLD_PAYOUTS || effect.action === RELEASE_PAYOUTS) return this.probePayouts(effect);
    return this.probePayment(effect);
  }

  /** The one mutating call; the id of what it made or changed. */
  private async call(effect: OpenEffect): Promise<string> {
    const stripe = this.client.stripe;
    const options = { idempotencyKey: effect.idempotencyKey };
    const { subjectId: id } = effect;
    const metadata = storyMetadata(effect, STRIPE, this.around.storyKey);
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
      const charge = await this.client.stripe.charges.retrieve(id);
      return { id, state: charge.captured ? 'captured' : charge.refunded ? 'canceled' : 'open' };
    }
    const { status } = await this.client.stripe.paymentIntents.retrieve(id);
    return { id, state: status === 'succeeded' ? 'captured' : status === 'canceled' ? 'canceled' : 'open' };
  }

  private async probeRefund({ subjectId: id, effectId }: OpenEffect): Promise<ProbeResult> {
    const { data } = await this.client.stripe.refunds.list({
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
    const account = await this.client.stripe.accounts.retrieve(effect.subjectId);
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

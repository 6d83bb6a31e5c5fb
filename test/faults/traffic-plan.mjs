import { chargeSucceeded, stripeEvent } from '@towpath/testing/charges';
import { pick } from './seeded.mjs';

const CUSTOMERS = 5_000;
const DAY_MS = 86_400_000;
const REMEMBERED_MAX = 500;

/**
 * The deliveries of a run, one after the other, from the seed alone: payments that are approved, held or blocked, some
 * without context; disputes, types that nobody handles, and people's decisions about held payments.
 */
export class TrafficPlan {
  #recent = [];
  #held = [];
  #n = 0;

  constructor(run, random) {
    this.run = run;
    this.random = random;
    this.begunAt = Date.now();
  }

  next() {
    this.#n += 1;
    const dice = this.random();
    if (dice < 0.04) return this.#unrouted();
    if (dice < 0.06 && this.#recent.length > 0) return this.#dispute();
    if (dice < 0.08 && this.#held.length > 0) return this.#review();
    return this.charge(dice < 0.14 ? 'held' : dice < 0.2 ? 'blocked' : 'approved');
  }

  /** A payment of its own; `kind` is what the rules are given reason for. */
  charge(kind = 'approved', customers = CUSTOMERS) {
    const n = (this.#n += 1);
    const id = `${this.run}_${n}`;
    const captured = kind === 'blocked' && this.random() < 0.5;
    const amountMinor = 1_000 + (n % 37) * 10;
    const delivery = chargeSucceeded({
      id,
      customer: `cus_${this.run}_${n % customers}`,
      amountMinor,
      captured,
      chargedAt: new Date(this.begunAt - 9 * DAY_MS + n * 1_000),
      ...(this.random() < 0.03 ? { ip: null, device: null } : {}),
      ...(kind === 'approved' ? {} : { risk: 'highest' }),
      ...(kind === 'blocked' ? { cardCountry: 'BR' } : {}),
    });
    keep(this.#recent, delivery.paymentId);
    if (kind === 'held') keep(this.#held, delivery.paymentId);
    const seed = {
      id: delivery.paymentId,
      amount: amountMinor,
      currency: 'eur',
      status: captured ? 'succeeded' : 'requires_capture',
      metadata: { ip: `ip-${n % CUSTOMERS}`, device_id: `device-${n % CUSTOMERS}` },
    };
    return { name: delivery.eventId, source: 'stripe', body: delivery.body, paymentId: delivery.paymentId, seed };
  }

  /** A payment of somebody who was never seen, so that nothing from before decides it. */
  strangersCharge() {
    return this.charge('approved', Infinity);
  }

  #unrouted() {
    const { eventId, body } = stripeEvent(
      `evt_${this.run}_${this.#n}u`,
      'customer.created',
      { object: 'customer' },
      '',
    );
    return { name: eventId, source: 'stripe', body, paymentId: null };
  }

  #dispute() {
    const paymentId = pick(this.#recent, this.random);
    const charge = paymentId.replace(/^pi_/, 'ch_');
    const object = { id: `dp_${this.run}_${this.#n}`, object: 'dispute', charge, payment_intent: paymentId };
    const details = { amount: 1_000, currency: 'eur', reason: 'fraudulent', status: 'needs_response' };
    const type = 'charge.dispute.created';
    const { eventId, body } = stripeEvent(`evt_${this.run}_${this.#n}d`, type, { ...object, ...details }, paymentId);
    return { name: eventId, source: 'stripe', body, paymentId: null };
  }

  #review() {
    const [paymentId] = this.#held.splice(Math.floor(this.random() * this.#held.length), 1);
    const decision = this.random() < 0.5 ? 'approve' : 'reject';
    const about = {
      reviewId: `payment-review_${paymentId}`,
      service: 'fraud',
      subjectType: 'payment',
      subjectId: paymentId,
    };
    const body = JSON.stringify({ type: 'DecideReview', data: { ...about, decision, reason: 'fault suite' } });
    return { name: `cmd_${this.run}_${this.#n}`, source: 'operator', body, paymentId: null };
  }
}

function keep(list, item) {
  list.push(item);
  if (list.length > REMEMBERED_MAX) list.shift();
}

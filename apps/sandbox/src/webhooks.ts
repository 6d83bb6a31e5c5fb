import { createHash, createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { chargeBody, paymentIntentBody, refundBody } from './payment.js';
import { accountBody, isBilling, type ActionCall, type Change } from './stripe-actions.js';
import { invoiceBody, subscriptionBody } from './stripe-billing.js';
import { nested } from './stripe-form.js';

/** An event of Stripe before it is sent. */
export interface StripeEvent {
  readonly type: string;
  readonly object: object;
}

export interface WebhookTarget {
  /** ingress's address for the source */
  readonly url: string;
  /** the source's secret */
  readonly secret: string;
}

const WAITING_MAX = 10_000;
const ATTEMPTS_MAX = 6;
const BACKOFF_MS = 500;
const ANSWER_MS_MAX = 8_000;

/** What Stripe tells about a call that acted: the objects as they are afterwards, with the metadata that the call gave them. */
export function eventsOf(call: Pick<ActionCall, 'action' | 'subject' | 'fields'>, change: Change): StripeEvent[] {
  const { action, subject, fields } = call;
  if (action === 'payout-schedule') {
    const account = { ...accountBody(subject, change.interval ?? 'daily'), metadata: nested(fields, 'metadata') };
    return [{ type: 'account.updated', object: account }];
  }
  if (action === 'pay-invoice') return [{ type: 'invoice.paid', object: invoiceBody(subject, change.state) }];
  if (isBilling(action))
    return [{ type: 'customer.subscription.updated', object: subscriptionBody(subject, change.state) }];
  const { payment, refund } = change;
  if (!payment) return [];
  if (refund) {
    const refunded = { type: 'charge.refunded', object: chargeBody(payment) };
    return [{ type: 'refund.created', object: refundBody(payment, refund) }, refunded];
  }
  if (action === 'capture') {
    const captured = { type: 'charge.captured', object: chargeBody(payment) };
    return payment.id === payment.chargeId
      ? [captured]
      : [{ type: 'payment_intent.succeeded', object: paymentIntentBody(payment) }, captured];
  }
  if (action === 'charge') {
    const succeeded = { type: 'payment_intent.succeeded', object: paymentIntentBody(payment) };
    return [succeeded, { type: 'charge.succeeded', object: chargeBody(payment) }];
  }
  return [{ type: 'payment_intent.canceled', object: paymentIntentBody(payment) }];
}

/** Sends signed events in order, one at a time; what is not taken after several attempts is dropped and said. */
export class Webhooks {
  private readonly waiting: { readonly id: string; readonly body: string }[] = [];
  private sending: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly target: WebhookTarget,
    private readonly say: (line: object, message: string) => void,
  ) {}

  /** @param seq of the call in the sandbox's own log: the same call gives the same event ids */
  offer(seq: number, idempotencyKey: string | null, events: readonly StripeEvent[]): void {
    for (const { type, object } of events) {
      if (this.waiting.length >= WAITING_MAX) return this.say({ type }, 'webhook.dropped: too many wait');
      const id = `evt_${createHash('sha256').update(`${seq}/${type}`).digest('hex').slice(0, 24)}`;
      const created = Math.floor(Date.now() / 1000);
      const request = { id: `req_${seq}`, idempotency_key: idempotencyKey };
      const event = { id, object: 'event', created, type, livemode: false, request, data: { object } };
      this.waiting.push({ id, body: JSON.stringify(event) });
    }
    this.sending ??= this.sendAll().finally(() => (this.sending = undefined));
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.sending;
  }

  private async sendAll(): Promise<void> {
    for (let event = this.waiting.shift(); event && !this.stopping.signal.aborted; event = this.waiting.shift()) {
      if (!(await this.send(event.body))) this.say({ id: event.id }, 'webhook.dropped: nobody took it');
    }
  }

  private async send(body: string): Promise<boolean> {
    const { signal } = this.stopping;
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !signal.aborted; attempt += 1) {
      if (await this.post(body)) return true;
      await delay(BACKOFF_MS * 2 ** attempt, undefined, { signal }).catch(() => undefined);
    }
    return false;
  }

  private async post(body: string): Promise<boolean> {
    const seconds = Math.floor(Date.now() / 1000);
    const digest = createHmac('sha256', this.target.secret).update(`${seconds}.${body}`).digest('hex');
    const headers = { 'content-type': 'application/json', 'stripe-signature': `t=${seconds},v1=${digest}` };
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
    try {
      const answer = await fetch(this.target.url, { method: 'POST', headers, body, signal });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false;
    }
  }
}

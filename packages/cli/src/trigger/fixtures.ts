import { randomBytes, randomInt } from 'node:crypto';
import type { Provider } from '@towpath/sources/providers';
import type { Body, Path } from './paths.js';
import { shopFixtures } from './shop-fixtures.js';
import { customerFixtures } from './customer-fixtures.js';
import { ticketFixtures } from './ticket-fixtures.js';

/** A delivery that can be triggered. */
export interface Fixture {
  readonly provider: Provider;
  /** name of the object that the event is about, as `--override charge:amount=…` names it */
  readonly resource: string;
  /** where that object stands in the body; Stripe's and a platform's events have it in their envelope's place */
  readonly at?: Path;
  /** the event that its story is waited for; without it the first that comes of it */
  readonly endsWith?: string;
  /** another event that has to come first for this one to mean something */
  readonly needs?: string;
  /** whether its story ends in a decision about the payment */
  readonly decides?: boolean;
  /** the whole body where `at` is set; else the object of the event, or the data of a platform event */
  build(ids: Ids): Body;
}

/** Ids and facts that the deliveries of one payment share, new with each payment. */
export interface Ids {
  readonly payment: string;
  readonly charge: string;
  readonly customer: string;
  readonly card: string;
  readonly ip: string;
  readonly device: string;
  /** ticket, conversation and the like */
  readonly number: number;
  /** seconds since the epoch */
  readonly now: number;
}

const AMOUNT = 2_000;
const YEAR_SECONDS = 31_536_000;

export function newIds(now: Date): Ids {
  const some = (): string => randomBytes(12).toString('base64url').replaceAll(/[-_]/g, '0');
  return {
    payment: `pi_${some()}`,
    charge: `ch_${some()}`,
    customer: `cus_${some()}`,
    card: some(),
    ip: `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`,
    device: `device_${some()}`,
    number: randomInt(1_000_000, 1_000_000_000),
    now: Math.floor(now.getTime() / 1000),
  };
}

/** Everything that `towpath trigger` can send, by event type. */
export const fixtures: Readonly<Record<string, Fixture>> = {
  'charge.succeeded': stripe('charge', (ids) => charge(ids), { decides: true }),
  'charge.captured': stripe('charge', (ids) => charge(ids, { captured: true, amount_captured: AMOUNT }), {
    needs: 'charge.succeeded',
  }),
  'charge.failed': stripe('charge', failedCharge),
  'charge.refunded': stripe(
    'charge',
    (ids) => charge(ids, { captured: true, refunded: true, amount_refunded: AMOUNT }),
    {
      needs: 'charge.succeeded',
    },
  ),
  'charge.dispute.created': stripe('dispute', dispute, { needs: 'charge.succeeded' }),
  'payment_intent.succeeded': stripe('payment_intent', (ids) => intent(ids, { amount_received: AMOUNT })),
  'payment_intent.canceled': stripe('payment_intent', (ids) =>
    intent(ids, { status: 'canceled', cancellation_reason: 'requested_by_customer', canceled_at: ids.now }),
  ),
  'payment_intent.payment_failed': stripe('payment_intent', failedIntent),
  'review.opened': stripe('review', review, { needs: 'charge.succeeded' }),
  'deploy.completed': platform((ids) => ({
    id: `deploy_${ids.card}`,
    service: 'checkout',
    version: '1.4.2',
    environment: 'production',
    status: 'succeeded',
    completedAt: ids.now * 1000,
  })),
  'alert.triggered': platform((ids) => ({
    id: `alert_${ids.card}`,
    name: 'checkout error rate',
    severity: 'critical',
    summary: '7 % of checkouts failed in the last 5 minutes',
    service: 'checkout',
    triggeredAt: ids.now * 1000,
  })),
  ...ticketFixtures,
  ...shopFixtures,
  ...customerFixtures,
};

function stripe(resource: string, build: Fixture['build'], more: Pick<Fixture, 'needs' | 'decides'> = {}): Fixture {
  return { provider: 'stripe', resource, build, ...more };
}

function platform(build: Fixture['build']): Fixture {
  return { provider: 'platform', resource: 'data', build };
}

function charge(ids: Ids, more: Body = {}): Body {
  return {
    id: ids.charge,
    object: 'charge',
    amount: AMOUNT,
    amount_captured: 0,
    amount_refunded: 0,
    billing_details: { address: { country: 'US' }, email: 'jenny.rosen@example.com', name: 'Jenny Rosen' },
    captured: false,
    created: ids.now,
    currency: 'usd',
    customer: ids.customer,
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: { ip: ids.ip, device_id: ids.device, customer_created: String(ids.now - YEAR_SECONDS) },
    outcome: { network_status: 'approved_by_network', reason: null, risk_level: 'normal', type: 'authorized' },
    paid: true,
    payment_intent: ids.payment,
    payment_method_details: {
      type: 'card',
      card: { brand: 'visa', country: 'US', fingerprint: ids.card, last4: '4242' },
    },
    refunded: false,
    shipping: { address: { country: 'US' }, name: 'Jenny Rosen' },
    status: 'succeeded',
    ...more,
  };
}

function failedCharge(ids: Ids): Body {
  return charge(ids, {
    failure_code: 'card_declined',
    failure_message: 'Your card was declined.',
    outcome: {
      network_status: 'declined_by_network',
      reason: 'generic_decline',
      risk_level: 'normal',
      type: 'issuer_declined',
    },
    paid: false,
    status: 'failed',
  });
}

function intent(ids: Ids, more: Body): Body {
  return {
    id: ids.payment,
    object: 'payment_intent',
    amount: AMOUNT,
    amount_received: 0,
    capture_method: 'manual',
    created: ids.now,
    currency: 'usd',
    customer: ids.customer,
    latest_charge: ids.charge,
    livemode: false,
    metadata: { ip: ids.ip, device_id: ids.device },
    status: 'succeeded',
    ...more,
  };
}

function failedIntent(ids: Ids): Body {
  return intent(ids, {
    status: 'requires_payment_method',
    last_payment_error: {
      charge: ids.charge,
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      message: 'Your card has insufficient funds.',
      payment_method: { type: 'card', card: { country: 'US', fingerprint: ids.card } },
    },
  });
}

function dispute(ids: Ids): Body {
  return {
    id: `dp_${ids.card}`,
    object: 'dispute',
    amount: AMOUNT,
    charge: ids.charge,
    created: ids.now,
    currency: 'usd',
    livemode: false,
    payment_intent: ids.payment,
    reason: 'fraudulent',
    status: 'needs_response',
  };
}

function review(ids: Ids): Body {
  return {
    id: `prv_${ids.card}`,
    object: 'review',
    charge: ids.charge,
    created: ids.now,
    ip_address: ids.ip,
    livemode: false,
    open: true,
    payment_intent: ids.payment,
    reason: 'rule',
  };
}

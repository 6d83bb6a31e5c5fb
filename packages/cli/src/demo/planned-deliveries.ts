import { createHmac } from 'node:crypto';
import { signStripe } from '@towpath/sources/sign';

/** What the demo expects ingress to answer. */
export type Expected = 'accepted' | 'duplicate' | 'rejected';

/** One delivery of the demo. */
export interface PlannedDelivery {
  readonly name: string;
  readonly expected: Expected;
  /** the payment it is about; null when it never becomes one */
  readonly paymentId: string | null;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** what the provider knows of the payment beyond the delivery */
  readonly atProvider?: object;
  /** pause before it is sent, so that a burst is fast and still comes in order */
  readonly pauseMs: number;
}

interface Charge {
  readonly name: string;
  readonly customer: string;
  readonly card: string;
  readonly ip: string | null;
  readonly amount: number;
  readonly captured?: boolean;
  readonly risk?: string;
  readonly cardCountry?: string;
  readonly pauseMs?: number;
}

const TEN_MINUTES_MS = 600_000;

/**
 * Thirty deliveries that follow from `seed`: honest buyers, a rapid-fire burst, an IP spike, a stolen card, one payment
 * that needs its context fetched; then one replay, one bad signature, one that is ten minutes old, one malformed.
 */
export function plannedDeliveries(seed: string, secret: string, now: Date): PlannedDelivery[] {
  const build = (charge: Charge, index: number): PlannedDelivery => accepted(charge, `${seed}${index}`, secret, now);
  const deliveries = charges(seed).map(build);
  const replayed = deliveries[0]!;
  const { body } = accepted({ ...honest(seed, 90), name: 'never seen' }, `${seed}90`, secret, now);
  const refused = { expected: 'rejected', paymentId: null, pauseMs: 0 } as const;
  return [
    ...deliveries,
    { ...replayed, name: 'replay of honest 1', expected: 'duplicate' },
    { ...refused, name: 'bad signature', body, headers: signed('another secret', body, now) },
    {
      ...refused,
      name: 'ten minutes old',
      body,
      headers: signed(secret, body, new Date(now.getTime() - TEN_MINUTES_MS)),
    },
    {
      ...refused,
      name: 'signed but malformed',
      body: '{"id": "evt_1"',
      headers: signed(secret, '{"id": "evt_1"', now),
    },
  ];
}

function charges(seed: string): Charge[] {
  const burst = { customer: `cus_${seed}rapid`, card: `${seed}rapid`, ip: '198.51.100.7' };
  return [
    ...Array.from({ length: 9 }, (_, index) => honest(seed, index + 1)),
    ...Array.from({ length: 8 }, (_, index) => ({
      ...burst,
      name: `rapid fire ${index + 1}`,
      amount: 1_500 + index,
      pauseMs: 70,
    })),
    ...Array.from({ length: 7 }, (_, index) => ({
      name: `IP spike ${index + 1}`,
      customer: `cus_${seed}spike${index}`,
      card: `${seed}spike${index}`,
      ip: '203.0.113.66',
      amount: 2_000 + 10 * index,
      pauseMs: 20,
    })),
    { ...honest(seed, 50), name: 'stolen card', risk: 'highest', cardCountry: 'BR', captured: true },
    { ...honest(seed, 60), name: 'needs context', ip: null },
  ];
}

function honest(seed: string, index: number): Charge {
  return {
    name: `honest ${index}`,
    customer: `cus_${seed}honest${index}`,
    card: `${seed}honest${index}`,
    ip: `192.0.2.${index}`,
    amount: 1_000 + (createHmac('sha256', seed).update(String(index)).digest().readUInt16BE(0) % 4_000),
  };
}

function accepted(charge: Charge, id: string, secret: string, now: Date): PlannedDelivery {
  const paymentId = `pi_${id}`;
  const body = JSON.stringify({
    id: `evt_${id}`,
    object: 'event',
    created: Math.floor(now.getTime() / 1000),
    type: 'charge.succeeded',
    livemode: false,
    data: { object: chargeObject(charge, id, now) },
  });
  const known = { ip: charge.ip ?? '192.0.2.200', device_id: `device-${charge.customer}` };
  return {
    name: charge.name,
    expected: 'accepted',
    paymentId,
    body,
    headers: signed(secret, body, now),
    pauseMs: charge.pauseMs ?? 0,
    atProvider: {
      status: charge.captured ? 'succeeded' : 'requires_capture',
      amount: charge.amount,
      currency: 'eur',
      chargeId: `ch_${id}`,
      customerId: charge.customer,
      customerCreated: CUSTOMERS_SINCE,
      metadata: known,
      cardCountry: 'DE',
      riskLevel: 'normal',
    },
  };
}

/** 2021-01-01, in seconds: nobody in the demo is a new customer. */
const CUSTOMERS_SINCE = 1_609_459_200;

function chargeObject(charge: Charge, id: string, now: Date): object {
  const seconds = Math.floor(now.getTime() / 1000);
  const metadata =
    charge.ip === null
      ? {}
      : { ip: charge.ip, device_id: `device-${charge.customer}`, customer_created: String(CUSTOMERS_SINCE) };
  return {
    id: `ch_${id}`,
    object: 'charge',
    payment_intent: `pi_${id}`,
    customer: charge.customer,
    amount: charge.amount,
    currency: 'eur',
    captured: charge.captured ?? false,
    status: 'succeeded',
    created: seconds,
    metadata,
    billing_details: { address: { country: 'DE' }, email: `${charge.customer}@example.com` },
    shipping: { address: { country: 'DE' } },
    outcome: { risk_level: charge.risk ?? 'normal' },
    payment_method_details: {
      card: { country: charge.cardCountry ?? 'DE', fingerprint: charge.card, capture_before: seconds + 6 * 86_400 },
    },
  };
}

function signed(secret: string, body: string, at: Date): Record<string, string> {
  return { 'content-type': 'application/json', ...signStripe(secret, body, at) };
}

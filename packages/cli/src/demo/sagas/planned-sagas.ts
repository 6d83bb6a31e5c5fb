import { createHmac } from 'node:crypto';

/** How a story has to end: as its saga does, or as its service says. */
export type StoryEnd = 'completed' | 'compensated' | 'needs_human';

/** A delivery of a story. */
export interface PlannedMessage {
  readonly source: 'shop' | 'stripe' | 'customers';
  /** id that is signed, where the scheme has one */
  readonly id: string;
  readonly body: object;
}

/** One story of the demo, and how it has to go. */
export interface PlannedStory {
  readonly name: string;
  /** name of its saga's definition; null for a story that no saga runs */
  readonly definition: string | null;
  /** what the saga is about */
  readonly key: string;
  /** address of its customer */
  readonly email: string;
  readonly message: PlannedMessage;
  /** how third parties behave in this story; see the sandbox */
  readonly faults: readonly object[];
  readonly end: StoryEnd;
  /** steps that are undone, in this order */
  readonly undone: readonly string[];
  /** step and the way it has to be done, where that is not its first */
  readonly way?: readonly [step: string, way: string];
  /** letters to the customer, at least; a good order is thanked for, too */
  readonly letters: number;
}

const ALWAYS = 1_000;
const SKU = 'mug-blue';
/** ISO 4217 minor units of EUR */
const PRICE_MINOR = 4_999;

/** What is in stock before the orders come. */
export function stockMessage(seed: string, now: Date): PlannedMessage {
  const data = { sku: SKU, receiptId: `${seed}-receipt`, quantity: 10 };
  return { source: 'shop', id: `msg_${seed}_stock`, body: told('stock.received', data, now) };
}

/** Three orders, a declined payment and a sign-up, which go beside each other. */
export function plannedStories(seed: string, now: Date): PlannedStory[] {
  const [good, unshipped, stuck] = [1, 2, 3].map((number) => `${seed}-order-${number}`) as [string, string, string];
  const carrier = { action: 'carrier/ship', failNext: ALWAYS, failStatus: 422, failMessage: 'Carrier API timeout' };
  return [
    { ...order(seed, now, good), name: 'order, good', end: 'completed', letters: 1 },
    {
      ...order(seed, now, unshipped),
      ...{ name: 'order, carrier fails', end: 'compensated', undone: ['reserve', 'charge'] },
      faults: [{ ...carrier, match: unshipped }],
    },
    {
      ...order(seed, now, stuck),
      ...{ name: 'order, its undo fails', end: 'needs_human', undone: ['reserve'] },
      faults: [
        { ...carrier, match: stuck },
        { action: 'refund', failNext: ALWAYS, failStatus: 400, failCode: 'charge_disputed', match: stuck },
      ],
    },
    declined(seed, now),
    signUp(seed, now),
  ];
}

/** A refund of the good order, for which the gateway refuses. */
export function plannedRefund(seed: string, now: Date): PlannedStory {
  const [orderId, refundId] = [`${seed}-order-1`, `${seed}-refund-1`];
  const email = emailOf(orderId);
  const data = { refundId, orderId, customer: { email }, amountMinor: 1_999, currency: 'EUR', reason: 'damaged' };
  return {
    ...{ name: 'refund, gateway refuses', definition: 'refund', key: refundId, email, undone: [], letters: 2 },
    message: { source: 'shop', id: `msg_${refundId}`, body: told('refund.requested', data, now) },
    faults: [{ action: 'refund', failNext: ALWAYS, failStatus: 400, failCode: 'charge_disputed', match: refundId }],
    end: 'completed',
    way: ['pay-back', 'alternate-gateway'],
  };
}

/** The customer of the declined payment pays after all. */
export function paymentMade(seed: string, now: Date): PlannedMessage {
  const money = { amount: PRICE_MINOR, amount_received: PRICE_MINOR, currency: 'usd', customer: 'U9921' };
  const object = { id: declinedPayment(seed), object: 'payment_intent', ...money };
  return stripe(`evt_${seed}_recovered`, 'payment_intent.succeeded', object, now);
}

function order(seed: string, now: Date, orderId: string): Omit<PlannedStory, 'name' | 'end'> {
  const data = {
    ...{ orderId, customer: { email: emailOf(orderId), accountId: `cus_${digits(seed, orderId)}` } },
    ...{ paymentMethodId: 'pm_card_visa', amountMinor: PRICE_MINOR, currency: 'EUR' },
    shipTo: { name: 'Jenny Rosen', street: '1 Canal Street', city: 'Hebden', postalCode: 'HX7 8AA', country: 'GB' },
    lines: [{ sku: SKU, title: 'Blue mug', quantity: 1, unitPriceMinor: PRICE_MINOR }],
  };
  const message = { source: 'shop', id: `msg_${orderId}`, body: told('order.placed', data, now) } as const;
  const nothing = { faults: [], undone: [], letters: 0 };
  return { definition: 'order-fulfilment', key: orderId, email: emailOf(orderId), message, ...nothing };
}

function declined(seed: string, now: Date): PlannedStory {
  const key = declinedPayment(seed);
  const email = emailOf(key);
  const error = {
    ...{ code: 'card_declined', decline_code: 'insufficient_funds', message: 'Your card has insufficient funds.' },
    payment_method: { card: { fingerprint: `${seed}-declined` }, billing_details: { email } },
  };
  const intent = {
    ...{ id: key, object: 'payment_intent', amount: PRICE_MINOR, currency: 'usd', customer: 'U9921' },
    ...{ status: 'requires_payment_method', last_payment_error: error },
  };
  return {
    ...{ name: 'declined payment, paid later', definition: 'payment-recovery', key, email, faults: [], undone: [] },
    message: stripe(`evt_${seed}_declined`, 'payment_intent.payment_failed', intent, now),
    ...{ end: 'completed', letters: 1 },
  };
}

function signUp(seed: string, now: Date): PlannedStory {
  const email = emailOf(`${seed}-signup`);
  const customer = { id: `${seed}-site-1`, email, name: 'Jenny Rosen', company: 'Rosen Ltd', country: 'GB' };
  const data = { customer, plan: 'team' };
  const message = {
    source: 'customers',
    id: `msg_${seed}_signup`,
    body: told('customer.signed_up', data, now),
  } as const;
  const about = { name: 'sign-up', definition: null, key: email, email, message };
  return { ...about, faults: [], end: 'completed', undone: [], letters: 2 };
}

function declinedPayment(seed: string): string {
  return `pi_${seed}_declined`;
}

function stripe(id: string, type: string, object: object, now: Date): PlannedMessage {
  const created = Math.floor(now.getTime() / 1000);
  return { source: 'stripe', id, body: { id, object: 'event', created, type, livemode: false, data: { object } } };
}

function told(type: string, data: object, now: Date): object {
  return { type, timestamp: now.toISOString(), data };
}

function emailOf(id: string): string {
  return `${id.replaceAll('_', '-')}@example.com`;
}

function digits(seed: string, text: string): string {
  return createHmac('sha256', seed).update(text).digest('hex').slice(0, 12);
}

import { BodyInvalid, codeAt, fieldsAt, idAt, secondsAt, textAt, type Fields } from './fields.js';
import { accountOf } from './stripe/charge-facts.js';
import { chargeCaptured, chargeFailed, chargeRefunded, chargeSucceeded } from './stripe/charges.js';
import { disputeClosed, disputeFundsWithdrawn, disputeOpened, refundUpdated } from './stripe/disputes.js';
import { invoicePaid, invoicePaymentFailed, paymentOfInvoice } from './stripe/invoices.js';
import { intentCanceled, intentFailed, intentStatusChanged, intentSucceeded } from './stripe/payment-intents.js';
import { reviewOpened } from './stripe/reviews.js';
import type { StripeRoute } from './stripe/route.js';
import { subscriptionChanged } from './stripe/subscriptions.js';
import type { Delivered, Lookups, ProviderEvent, Routing, Taxonomy } from './taxonomy.js';

/** Stripe's event types and what each becomes. A type that is not here is recorded as unrouted. */
const routes: Readonly<Record<string, StripeRoute | 'ignored'>> = {
  'charge.succeeded': chargeSucceeded,
  'charge.failed': chargeFailed,
  'charge.captured': chargeCaptured,
  'charge.refunded': chargeRefunded,
  'charge.refund.updated': refundUpdated,
  'charge.dispute.created': disputeOpened,
  'charge.dispute.funds_withdrawn': disputeFundsWithdrawn,
  'charge.dispute.closed': disputeClosed,
  'payment_intent.created': intentStatusChanged,
  'payment_intent.processing': intentStatusChanged,
  'payment_intent.requires_action': intentStatusChanged,
  'payment_intent.amount_capturable_updated': intentStatusChanged,
  'payment_intent.succeeded': intentSucceeded,
  'payment_intent.canceled': intentCanceled,
  'payment_intent.payment_failed': intentFailed,
  'refund.created': refundUpdated,
  'refund.updated': refundUpdated,
  'review.opened': reviewOpened,
  'invoice.payment_failed': invoicePaymentFailed,
  'invoice.paid': invoicePaid,
  'customer.subscription.updated': subscriptionChanged,
  'customer.subscription.deleted': subscriptionChanged,
  'customer.subscription.paused': subscriptionChanged,
  'customer.subscription.resumed': subscriptionChanged,
  // Says the same as `invoice.paid`, but not of an invoice that is paid by other means.
  'invoice.payment_succeeded': 'ignored',
  // Descriptions and receipts of a charge: nothing is decided by them.
  'charge.updated': 'ignored',
  'charge.pending': 'ignored',
};

export const stripe: Taxonomy = {
  provider: 'stripe',

  chargesOf(body) {
    const chargeId = chargeIdOf(objectOf(body as Fields));
    return chargeId === null ? [] : [chargeId];
  },

  route(body, delivery, lookups) {
    const event = body as Fields;
    const object = objectOf(event);
    const about = aboutOf(event, object);
    const route = Object.hasOwn(routes, about.providerType) ? routes[about.providerType] : undefined;
    if (route === undefined) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    if (route === 'ignored') return { kind: 'unrouted', about, reason: 'IGNORED_TYPE' };
    return routed(route, event, object, about, delivery, lookups);
  },
};

function routed(
  route: StripeRoute,
  event: Fields,
  object: Fields,
  about: ProviderEvent,
  delivery: Delivered,
  lookups: Lookups,
): Routing {
  const chargeId = chargeIdOf(object);
  const named = namedPayment(object);
  const ofCharge = chargeId === null ? null : (lookups.paymentOf(chargeId) ?? chargeId);
  const paymentId = named ?? ofCharge ?? billedWithoutPayment(object);
  if (paymentId === null)
    return { kind: 'refused', about, code: 'BODY_INVALID', detail: 'names no payment and no charge' };
  try {
    const at = secondsAt(event, 'created') ?? delivery.data.receivedAt;
    const messages = route({ object, paymentId, at, eventAccount: textAt(event, 'account'), lookups });
    if (chargeId === null) return { kind: 'routed', about, messages };
    // A charge that came by itself and names no intent is its own payment; disputes and refunds prove nothing.
    const own = textAt(object, 'object') === 'charge' ? (named ?? chargeId) : named;
    return { kind: 'routed', about, messages, charge: { chargeId, paymentId: own } };
  } catch (error) {
    if (!(error instanceof BodyInvalid)) throw error;
    return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
  }
}

function aboutOf(event: Fields, object: Fields): ProviderEvent {
  const paymentId = namedPayment(object) ?? chargeIdOf(object);
  const customer = textAt(object, 'object') === 'customer' ? textAt(object, 'id') : idAt(object, 'customer');
  return {
    providerType: codeAt(event, 'type') ?? 'unknown',
    providerEventId: codeAt(event, 'id'),
    owner: customer ?? (paymentId === null ? null : accountOf(object, paymentId).accountId),
  };
}

function objectOf(event: Fields): Fields {
  return fieldsAt(fieldsAt(event, 'data'), 'object');
}

/** The payment that the object itself names. */
function namedPayment(object: Fields): string | null {
  const kind = textAt(object, 'object');
  if (kind === 'invoice') return paymentOfInvoice(object);
  return kind === 'payment_intent' ? textAt(object, 'id') : idAt(object, 'payment_intent');
}

/** An invoice that nobody tried to pay yet, or a subscription, goes by its own id. */
function billedWithoutPayment(object: Fields): string | null {
  const kind = textAt(object, 'object');
  return kind === 'invoice' || kind === 'subscription' ? textAt(object, 'id') : null;
}

function chargeIdOf(object: Fields): string | null {
  if (textAt(object, 'object') === 'charge') return textAt(object, 'id');
  return idAt(object, 'charge') ?? idAt(object, 'latest_charge');
}

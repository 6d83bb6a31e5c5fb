import type { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import type { Stripe } from 'stripe';

type Echoed = 'paymentId' | 'accountId' | 'knownCardFingerprint' | 'knownIpHash' | 'knownMerchantId';
type Found = Omit<PaymentContextFetched, Echoed | 'fetchedAt'>;
type Metadata = Readonly<Record<string, string>>;

/**
 * What Stripe knows of a payment beyond its delivery; what it does not know is null. `hash` is the vault's keyed HMAC, by
 * which equal addresses and devices are found without being readable.
 */
export async function readPaymentContext(
  stripe: Stripe,
  paymentId: string,
  hash: (value: string) => string,
): Promise<Found> {
  if (paymentId.startsWith('ch_') || paymentId.startsWith('py_')) {
    const charge = await stripe.charges.retrieve(paymentId, { expand: ['customer', 'review'] });
    return contextOf({ charge, customer: charge.customer, review: charge.review, metadata: charge.metadata }, hash);
  }
  const intent = await stripe.paymentIntents.retrieve(paymentId, { expand: ['latest_charge', 'customer', 'review'] });
  const charge = expanded(intent.latest_charge);
  const metadata = { ...charge?.metadata, ...intent.metadata };
  return contextOf({ charge, customer: intent.customer, review: intent.review, metadata }, hash);
}

interface Expanded {
  readonly charge: Stripe.Charge | undefined;
  readonly customer: Stripe.Charge['customer'];
  readonly review: Stripe.Charge['review'] | undefined;
  readonly metadata: Metadata;
}

function contextOf({ charge, customer, review, metadata }: Expanded, hash: (value: string) => string): Found {
  const seen = expanded(review);
  const ip = firstOf(metadata, 'ip', 'ip_address') ?? seen?.ip_address ?? null;
  const device = firstOf(metadata, 'device_id', 'device');
  return {
    ip,
    ipHash: ip === null ? null : hash(ip),
    deviceHash: device === null ? null : hash(device),
    riskLevel: riskLevel(charge),
    cardCountry: cardCountry(charge),
    merchantId: firstOf(metadata, 'terminal', 'merchant', 'merchant_id'),
    customerCreatedAt: customerCreatedAt(customer),
    providerReviewOpen: seen?.open ?? false,
  };
}

function firstOf(metadata: Metadata, ...names: readonly string[]): string | null {
  for (const name of names) if (metadata[name] !== undefined) return metadata[name];
  return null;
}

function cardCountry(charge: Stripe.Charge | undefined): string | null {
  return charge?.payment_method_details?.card?.country ?? null;
}

/** A deleted customer has no age any more. */
function customerCreatedAt(customer: Expanded['customer']): number | null {
  const buyer = expanded(customer);
  if (buyer === undefined || 'deleted' in buyer || buyer.created === null) return null;
  return buyer.created * 1000;
}

/** Stripe's words for "we did not look" mean that nobody knows. */
function riskLevel(charge: Stripe.Charge | undefined): string | null {
  const level = charge?.outcome?.risk_level ?? null;
  return level === 'not_assessed' || level === 'unknown' ? null : level;
}

/** Unexpanded references are ids: they say nothing more. */
function expanded<T extends object>(value: string | T | null | undefined): T | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

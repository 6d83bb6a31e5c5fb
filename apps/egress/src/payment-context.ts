import type { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import type { Stripe } from 'stripe';

type Found = Omit<PaymentContextFetched, 'paymentId' | 'accountId' | 'fetchedAt'>;
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
  const ip = metadata['ip'] ?? metadata['ip_address'] ?? seen?.ip_address ?? null;
  const device = metadata['device_id'] ?? metadata['device'] ?? null;
  const buyer = expanded(customer);
  return {
    ip,
    ipHash: ip === null ? null : hash(ip),
    deviceHash: device === null ? null : hash(device),
    riskLevel: riskLevel(charge),
    cardCountry: charge?.payment_method_details?.card?.country ?? null,
    merchantId: metadata['terminal'] ?? metadata['merchant'] ?? metadata['merchant_id'] ?? null,
    customerCreatedAt: buyer && !('deleted' in buyer) ? createdMs(buyer.created) : null,
    providerReviewOpen: seen?.open ?? false,
  };
}

/** Stripe's words for "we did not look" mean that nobody knows. */
function riskLevel(charge: Stripe.Charge | undefined): string | null {
  const level = charge?.outcome?.risk_level ?? null;
  return level === 'not_assessed' || level === 'unknown' ? null : level;
}

function createdMs(created: number | null): number | null {
  return created === null ? null : created * 1000;
}

/** Unexpanded references are ids: they say nothing more. */
function expanded<T extends object>(value: string | T | null | undefined): T | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

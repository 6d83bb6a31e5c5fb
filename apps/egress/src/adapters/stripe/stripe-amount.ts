/**
 * Currencies without decimals in ISO 4217 that Stripe counts in hundredths ("Supported currencies: Special cases",
 * docs.stripe.com/currencies).
 */
const HUNDREDTHS_AT_STRIPE = new Set(['ISK', 'UGX']);

/** An amount of ours, in minor units of ISO 4217, as Stripe counts it. */
export function toStripeAmount({ amountMinor, currency }: { amountMinor: number; currency: string }): number {
  return HUNDREDTHS_AT_STRIPE.has(currency) ? amountMinor * 100 : amountMinor;
}

import { BodyInvalid, requiredText, requiredWhole, type Fields } from '../fields.js';

/**
 * Stripe sends these with two decimals although ISO 4217 gives them none ("Supported currencies: Special cases",
 * docs.stripe.com/currencies); the amount is always a whole multiple of 100.
 */
const TWO_DECIMALS_AT_STRIPE = new Set(['ISK', 'UGX']);

/** An amount in minor units as ISO 4217 defines them: 500 JPY is 500, 5.00 EUR is 500, 5.000 KWD is 5000. */
export function moneyAt(fields: Fields, amountField = 'amount'): { amountMinor: number; currency: string } {
  const currency = requiredText(fields, 'currency').toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) throw new BodyInvalid('currency must be three letters of ISO 4217');
  const amount = requiredWhole(fields, amountField);
  if (amount < 0) throw new BodyInvalid(`${amountField} must not be negative`);
  return { amountMinor: TWO_DECIMALS_AT_STRIPE.has(currency) ? Math.trunc(amount / 100) : amount, currency };
}

import { toStripeAmount } from './stripe-amount.js';

describe('amounts at Stripe', () => {
  it.each([
    ['EUR', 500, 500],
    ['JPY', 500, 500],
    ['KWD', 5000, 5000],
    ['ISK', 500, 50_000],
    ['UGX', 500, 50_000],
  ])('captures and refunds %s as Stripe counts it', (currency, amountMinor, amount) => {
    expect(toStripeAmount({ amountMinor, currency })).toBe(amount);
  });
});

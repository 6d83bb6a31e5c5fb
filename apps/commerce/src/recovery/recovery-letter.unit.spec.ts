import { amountText } from './recovery-letter.js';

describe('an amount in a letter', () => {
  it.each([
    [4_999, 'USD', '$49.99'],
    [500, 'JPY', '¥500'],
    [5_000, 'KWD', 'KWD 5.000'],
    [1, 'EUR', '€0.01'],
  ])('of %d minor units of %s reads %s', (amountMinor, currency, text) => {
    expect(amountText(amountMinor, currency).replace(/\u00a0/g, ' ')).toBe(text);
  });
});

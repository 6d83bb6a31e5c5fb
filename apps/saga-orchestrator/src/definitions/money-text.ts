/** `12.00 EUR`; currencies without minor units have none. */
export function moneyText(minor: number, currency: string): string {
  const digits = fractionDigits(currency);
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}

function fractionDigits(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    // Not a code of ISO 4217: two digits, as almost all have.
    return 2;
  }
}

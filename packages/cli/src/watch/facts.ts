type Data = Readonly<Record<string, unknown>>;

/** Fields worth a word, in this order; each with how it reads. Ids of the subject itself are not repeated. */
const FACTS: readonly (readonly [field: string, show: (value: unknown) => string])[] = [
  ['providerType', text],
  ['channel', text],
  ['authorKind', (value) => `by a ${text(value)}`],
  ['intent', text],
  ['queue', (value) => `queue ${text(value)}`],
  ['outOfScope', (value) => (value === true ? 'out of scope' : '')],
  ['action', text],
  ['verb', text],
  ['phase', text],
  ['target', text],
  ['score', (value) => `score ${value as number}`],
  ['decidedBy', (value) => `by ${text(value)}`],
  ['remedy', text],
  ['decision', text],
  ['outcome', text],
  ['status', text],
  ['severity', text],
  ['code', text],
  ['reason', text],
  ['change', text],
  ['signals', (value) => listed('signals', weighed(value))],
  ['missing', (value) => listed('missing', value)],
  ['wanted', (value) => listed('wanted', value)],
  ['attempts', (value) => (Number(value) > 1 ? `${Number(value)} attempts` : '')],
  ['summary', text],
  ['place', text],
  ['providerReference', text],
  ['handler', text],
  ['source', (value) => `source ${text(value)}`],
  ['actor', (value) => `by ${text(value)}`],
];

const LENGTH_MAX = 60;
const ENCRYPTED = /^enc1:/;

/** What a person wants to know of an event at a glance. Encrypted fields say nothing. */
export function factsOf(data: unknown): string[] {
  if (typeof data !== 'object' || data === null) return [];
  const fields = data as Data;
  const others = FACTS.flatMap(([field, show]) => {
    const value = fields[field];
    return value === undefined || value === null ? [] : show(value);
  });
  return [money(fields), ...others].filter((fact) => fact !== '');
}

/** Minor units as people write them: `12.00 USD`, `1200 JPY`, `1.200 KWD`. */
export function formatMoney(amountMinor: number, currency: string): string {
  const code = currency.toUpperCase();
  const digits = fractionDigits(code);
  return `${(amountMinor / 10 ** digits).toFixed(digits)} ${code}`;
}

function money(fields: Data): string {
  const amount = fields['amountMinor'] ?? fields['amountRefundedMinor'];
  const { currency } = fields;
  return typeof amount === 'number' && typeof currency === 'string' ? formatMoney(amount, currency) : '';
}

function fractionDigits(code: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions()
      .maximumFractionDigits as number;
  } catch {
    return 2; // not a currency code at all
  }
}

function listed(label: string, value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return '';
  return `${label} ${value.map(nameIn).join(',')}`.slice(0, LENGTH_MAX);
}

/** Signals that added nothing to the score explain nothing. */
function weighed(value: unknown): unknown {
  return Array.isArray(value) ? value.filter((signal) => (signal as Data | null)?.['points'] !== 0) : value;
}

/** Signals are records with a name; other lists hold plain words. */
function nameIn(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry);
  return text((entry as Data)['name'] ?? '?');
}

function text(value: unknown): string {
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  if (ENCRYPTED.test(written)) return '';
  // Control characters in a provider's text must not reach the terminal.
  const plain = written.replaceAll(/\p{Cc}+/gu, ' ');
  return plain.length > LENGTH_MAX ? `${plain.slice(0, LENGTH_MAX - 1)}…` : plain;
}

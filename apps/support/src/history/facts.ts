import type { AccountRow, CustomerRow } from './rows.js';

/** One thing that is known of a customer, as a sentence that a draft may cite. Names nobody. */
export interface HistoryFact {
  /** `payment:<id>:<change>` or `ticket:<id>` */
  readonly id: string;
  /** when it happened, milliseconds since the epoch as text */
  readonly version: string;
  readonly kind: string;
  readonly text: string;
}

const FACTS_MAX = 20;

const SAID: Readonly<Record<string, (amount: string, payment: string, day: string) => string>> = {
  refunded: (amount, payment, day) => `A refund${amount} of payment ${payment} was sent on ${day}.`,
  canceled: (amount, payment, day) => `Payment ${payment}${amount} was canceled on ${day}, and no money was taken.`,
  failed: (amount, payment, day) => `Payment ${payment}${amount} was declined on ${day}.`,
  blocked: (amount, payment, day) => `Payment ${payment}${amount} was stopped on ${day} for your safety.`,
  held: (amount, payment, day) => `Payment ${payment}${amount} has been under review since ${day}.`,
  disputed: (amount, payment, day) => `Payment ${payment}${amount} has been disputed since ${day}.`,
};

/** What may be said of a customer's payments and earlier tickets, newest first. */
export function factsOf(
  account: AccountRow | undefined,
  customer: CustomerRow | undefined,
  ticketId: string,
): HistoryFact[] {
  const payments = (account?.changes ?? []).flatMap(({ paymentId, change, amountMinor, currency, at }) => {
    const words = SAID[change];
    if (!words) return [];
    const amount = amountMinor === null || currency === null ? '' : ` of ${money(amountMinor, currency)}`;
    const text = words(amount, paymentId, dayOf(at));
    return [{ id: `payment:${paymentId}:${change}`, version: String(at), kind: change, text, at }];
  });
  const tickets = (customer?.tickets ?? []).flatMap(({ ticketId: id, intent, repliedAt: at }) => {
    if (id === ticketId || at === null || intent === null) return [];
    const text = `We answered your question about ${intent.replaceAll('_', ' ')} on ${dayOf(at)}.`;
    return [{ id: `ticket:${id}`, version: String(at), kind: 'ticket', text, at }];
  });
  const newest = [...payments, ...tickets].sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  return newest.slice(0, FACTS_MAX).map(({ at: _, ...fact }) => fact);
}

/** `12.00 EUR`; currencies without minor units have none. */
export function money(minor: number, currency: string): string {
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

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** `20 November 2026`, UTC. */
export function dayOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

import type { Alternative } from './recovery-plan.js';

export interface LetterText {
  readonly subject: string;
  readonly text: string;
}

/** What a letter says, beside what it is for. */
export interface LetterFacts {
  readonly amountMinor: number;
  readonly currency: string;
  readonly alternatives: readonly string[];
  /** where the customer can pay or change their card */
  readonly payUrl: string;
}

const OFFERS: Readonly<Record<Alternative, string>> = {
  another_card: 'Pay with another card or a wallet.',
  bank_debit: 'Pay by bank transfer or direct debit.',
  instalments: 'Pay the amount in instalments.',
  authenticate: 'Confirm the payment with your bank; it only takes a moment.',
  update_card: 'Correct or renew the details of your card.',
  retry_later: 'Do nothing: the way to your bank failed, and we try again.',
  contact_bank: 'Ask your bank to allow the payment, then pay again.',
};

/** The first letter, at once after the decline. It never says why the issuer refused: that is between them and the customer. */
export function offerLetter(facts: LetterFacts): LetterText {
  const amount = amountText(facts.amountMinor, facts.currency);
  return {
    subject: `Your payment of ${amount} did not go through`,
    text: paragraphs(
      'Hello,',
      `your payment of ${amount} did not go through, and nothing was taken. This is how you can still pay:`,
      offers(facts),
      `Choose here: ${facts.payUrl}`,
      'If you have paid already, you need not do anything.',
    ),
  };
}

/** @param number which reminder it is, from 1 */
export function reminderLetter(facts: LetterFacts, number: number): LetterText {
  const amount = amountText(facts.amountMinor, facts.currency);
  return {
    subject: number === 1 ? `Reminder: ${amount} is still open` : `Reminder ${number}: ${amount} is still open`,
    text: paragraphs(
      'Hello,',
      `your payment of ${amount} is still open. This is how you can pay:`,
      offers(facts),
      `Choose here: ${facts.payUrl}`,
      'If you have paid already, you need not do anything.',
    ),
  };
}

export function pauseLetter(facts: LetterFacts): LetterText {
  const amount = amountText(facts.amountMinor, facts.currency);
  return {
    subject: 'Your subscription is paused',
    text: paragraphs(
      'Hello,',
      `we could not collect ${amount}, so your subscription is paused. It goes on as soon as you pay:`,
      facts.payUrl,
    ),
  };
}

/** An amount as people write it: 4999 USD is $49.99, 500 JPY is ¥500. */
export function amountText(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}

function offers({ alternatives }: LetterFacts): string {
  return alternatives.flatMap((one) => (isAlternative(one) ? [`- ${OFFERS[one]}`] : [])).join('\n');
}

function isAlternative(name: string): name is Alternative {
  return Object.hasOwn(OFFERS, name);
}

function paragraphs(...parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}

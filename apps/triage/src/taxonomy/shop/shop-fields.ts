import { BodyInvalid, requiredText, textAt, type Fields } from '../fields.js';
import type { Lookups } from '../taxonomy.js';
import { contactOfAddress, mailboxIn } from '../tickets/contact.js';
import { storable } from '../tickets/plain-text.js';

/** In minor units: far above any order, and far below what would lose digits. */
export const MONEY_MAX = 1_000_000_000_000;
/** Of one article at once. */
export const PIECES_MAX = 1_000_000;

/** Who ordered, the same person in every channel and however the address was written. Throws BodyInvalid without one. */
export function customerIn(data: Fields, lookups: Lookups): { readonly customerId: string; readonly email: string } {
  const mailbox = mailboxIn(data['customer']);
  if (mailbox === null) throw new BodyInvalid('customer.email must be an e-mail address');
  return { customerId: contactOfAddress(mailbox.address, lookups), email: mailbox.address };
}

/** A text of at most `charsMax` characters that every part can store; throws BodyInvalid. */
export function shortText(fields: Fields, name: string, charsMax: number): string {
  const text = storable(requiredText(fields, name)).trim();
  if (text === '' || text.length > charsMax) throw new BodyInvalid(`${name} must be of 1 to ${charsMax} characters`);
  return text;
}

/** The same where the text may be absent. */
export function shortTextOrNull(fields: Fields, name: string, charsMax: number): string | null {
  return textAt(fields, name) === null ? null : shortText(fields, name, charsMax);
}

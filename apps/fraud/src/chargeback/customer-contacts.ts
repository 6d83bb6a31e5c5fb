import { CustomerContactNoted } from '@towpath/contracts/fraud/CustomerContactNoted.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** A ticket of a customer. */
export interface Contact {
  readonly ticketId: string;
  /** of its first message, milliseconds since the epoch */
  readonly firstAt: number;
}

const CONTACTS_MAX = 50;

/** The tickets of one paying account, latest last. */
export const customerContacts = aggregate<readonly Contact[]>({
  stream: 'customer-contact',
  initial: [],
  evolve(contacts, event) {
    if (!isOf(CustomerContactNoted, event)) return contacts;
    const { ticketId, sentAt: firstAt } = event.data;
    if (contacts.some((contact) => contact.ticketId === ticketId)) return contacts;
    return [...contacts, { ticketId, firstAt }].slice(-CONTACTS_MAX);
  },
});

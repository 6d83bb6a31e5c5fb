import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyReleased } from '@towpath/contracts/support/ReplyReleased.v1';
import { TicketEscalated } from '@towpath/contracts/support/TicketEscalated.v1';
import { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';
import type { CustomerRow, CustomerTicket } from './rows.js';

const TICKETS_MAX = 20;
const CONTACTS_MAX = 20;

export const customers = projection<CustomerRow>({
  name: 'customers',
  personal: { keysOf: (subject) => [subject] },
  keysOf: (event) => {
    if (isOf(TicketMessageNoted, event)) return event.data.authorKind === 'customer' ? [event.data.customerId] : [];
    if (isOf(ReplyDrafted, event) || isOf(ReplyReleased, event) || isOf(TicketEscalated, event)) {
      return [event.data.customerId];
    }
    return [];
  },
  evolve: (row = { tickets: [], contacts: [] }, event) => {
    const change = changeOf(event);
    if (!change) return row;
    const known = row.tickets.find(({ ticketId }) => ticketId === change.ticketId);
    const ticket = { ...(known ?? newTicket(change.ticketId, event.occurredAt.getTime())), ...change };
    const others = row.tickets.filter(({ ticketId }) => ticketId !== change.ticketId);
    const contacts = isOf(TicketMessageNoted, event) ? [...row.contacts, event.data.notedAt] : row.contacts;
    return { tickets: [...others, ticket].slice(-TICKETS_MAX), contacts: contacts.slice(-CONTACTS_MAX) };
  },
});

type Change = Partial<CustomerTicket> & Pick<CustomerTicket, 'ticketId'>;

function changeOf(event: DomainEvent): Change | undefined {
  if (isOf(TicketMessageNoted, event)) return { ticketId: event.data.ticketId };
  if (isOf(ReplyDrafted, event)) return { ticketId: event.data.ticketId, intent: event.data.intent };
  if (isOf(ReplyReleased, event)) return { ticketId: event.data.ticketId, repliedAt: event.data.releasedAt };
  if (isOf(TicketEscalated, event)) return { ticketId: event.data.ticketId, escalated: true };
  return undefined;
}

function newTicket(ticketId: string, openedAt: number): CustomerTicket {
  return { ticketId, intent: null, openedAt, repliedAt: null, escalated: false };
}

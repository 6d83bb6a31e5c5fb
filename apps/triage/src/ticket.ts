import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** What triage keeps of a ticket. */
export interface Ticket {
  /** whose it is since its first message, so that all of it stands under one key; null before */
  readonly customerId: string | null;
  /** its newest messages, the newest last */
  readonly messageIds: readonly string[];
}

/** A provider may tell of one message by several events; later than after so many others it does not. */
const MESSAGES_KEPT = 64;

export const tickets = aggregate<Ticket>({
  stream: 'ticket',
  initial: { customerId: null, messageIds: [] },
  evolve(ticket, event) {
    if (!isOf(TicketReceived, event)) return ticket;
    const { customerId, messageId } = event.data;
    return {
      customerId: ticket.customerId ?? customerId,
      messageIds: [...ticket.messageIds, messageId].slice(-MESSAGES_KEPT),
    };
  },
});

import { TicketTriaged } from '@towpath/contracts/tickets/TicketTriaged.v1';
import { outcome, type Outcome } from '@towpath/service-kit/replay/outcome';

interface OfMessage {
  readonly ticketId: string;
  readonly messageId: string;
}

const messageOf = ({ ticketId, messageId }: OfMessage): string => `${ticketId}/${messageId}`;

/** What is said of each message of a ticket: what it is about, and which queue it is for. */
export const outcomes: readonly Outcome[] = [
  outcome(TicketTriaged, {
    subject: messageOf,
    answer: ({ intent, outOfScope }) => (outOfScope ? 'out of scope' : intent),
  }),
  outcome(TicketTriaged, { subject: (data) => `${messageOf(data)} queue`, answer: ({ queue }) => queue }),
];

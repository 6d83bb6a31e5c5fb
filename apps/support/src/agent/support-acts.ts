import type { DeclaredAct } from '@towpath/agents/agent';
import { AssignTicket } from '@towpath/contracts/tickets/AssignTicket.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { DRAFT_CHARS_MAX } from '../draft/draft-policy.decider.js';
import { SPECIALISTS } from '../draft/macros.js';

const ownTicket = { kind: 'own', field: 'ticketId', subject: 'ticketId' } as const;
const ownCustomer = { kind: 'own', field: 'customerId', subject: 'customerId' } as const;

/** Where a ticket goes that a person has to take. */
export const ESCALATIONS_QUEUE = 'escalations';

/**
 * What a run may lead to: words to the customer who wrote, in the ticket where they did, and the queue of that ticket. The text has passed the
 * policy check by then; the limits hold whatever anybody writes into a ticket.
 */
export const SUPPORT_ACTS: readonly DeclaredAct[] = [
  {
    command: SendTicketReply,
    policy: {
      scope: 'tickets:reply',
      accepts: 'untrusted',
      limits: [ownTicket, ownCustomer, { kind: 'text', field: 'body', charsMax: DRAFT_CHARS_MAX }],
    },
  },
  {
    command: AssignTicket,
    policy: {
      scope: 'tickets:assign',
      accepts: 'untrusted',
      limits: [ownTicket, ownCustomer, { kind: 'one-of', field: 'queue', values: [...SPECIALISTS, ESCALATIONS_QUEUE] }],
    },
  },
];

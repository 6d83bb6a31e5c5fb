import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import { providerIdOf, ticketTarget } from '../../ticket-target.js';
import { probeComments } from './comments.js';
import type { ZendeskSettings } from './zendesk.adapter.js';

/** A public comment on a ticket (developer.zendesk.com, Tickets, Update Ticket). */
export const replyAtZendesk = httpTool<typeof SendTicketReply, ZendeskSettings>({
  command: SendTicketReply,
  subjectType: 'ticket',
  target: ticketTarget('zendesk'),
  request: ({ data, marks }) => ({
    method: 'PUT',
    path: `/api/v2/tickets/${providerIdOf(data.ticketId)}.json`,
    body: { ticket: { comment: { body: data.body, public: true }, metadata: marks } },
  }),
  reference: ({ json }) => textAt(json, 'audit', 'id'),
  probe: ({ data, effect }, read) => probeComments(data.ticketId, effect.effectId, read),
});

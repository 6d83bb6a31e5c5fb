import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import { providerIdOf, ticketTarget } from '../../ticket-target.js';
import { probeComments } from './comments.js';
import { storyField } from './story-field.js';
import type { ZendeskSettings } from './zendesk.adapter.js';

/** A public comment on a ticket (developer.zendesk.com, Tickets, Update Ticket). */
export const replyAtZendesk = httpTool<typeof SendTicketReply, ZendeskSettings>({
  command: SendTicketReply,
  subjectType: 'ticket',
  target: ticketTarget('zendesk'),
  request: (ask) => {
    const { ticketId, body } = ask.data;
    const id = providerIdOf(ticketId);
    const comment = { body, public: true };
    return {
      method: 'PUT',
      path: `/api/v2/tickets/${id}.json`,
      body: { ticket: { comment, metadata: ask.marks, ...storyField(ask, id, body) } },
    };
  },
  reference: ({ json }) => textAt(json, 'audit', 'id'),
  probe: ({ data, effect }, read) => probeComments(data.ticketId, effect.effectId, read),
});

import { AssignTicket } from '@towpath/contracts/tickets/AssignTicket.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import { assigneeOf, providerIdOf, ticketTarget } from '../../ticket-target.js';
import { probeComments } from './comments.js';
import { storyField } from './story-field.js';
import type { ZendeskSettings } from './zendesk.adapter.js';

/** The group of a ticket, with an internal note: the note carries our metadata, so one is always written. */
export const assignZendeskTicket = httpTool<typeof AssignTicket, ZendeskSettings>({
  command: AssignTicket,
  subjectType: 'ticket',
  target: ticketTarget('zendesk'),
  request: (ask) => {
    const { data, settings, marks } = ask;
    const id = providerIdOf(data.ticketId);
    const note = data.note ?? `Handed to ${data.queue}.`;
    return {
      method: 'PUT',
      path: `/api/v2/tickets/${id}.json`,
      body: {
        ticket: {
          group_id: Number(assigneeOf(settings.ZENDESK_GROUPS, data.queue)),
          comment: { body: note, public: false },
          metadata: marks,
          ...storyField(ask, id, note),
        },
      },
    };
  },
  reference: ({ json }) => textAt(json, 'audit', 'id'),
  probe: ({ data, effect }, read) => probeComments(data.ticketId, effect.effectId, read),
});

import { AssignTicket } from '@towpath/contracts/tickets/AssignTicket.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import { assigneeOf, providerIdOf, ticketTarget } from '../../ticket-target.js';
import type { IntercomSettings } from './intercom.adapter.js';
import { asPart } from './part-text.js';

/** The team of a conversation, with an internal note. */
export const assignConversation = httpTool<typeof AssignTicket, IntercomSettings>({
  command: AssignTicket,
  subjectType: 'ticket',
  target: ticketTarget('intercom'),
  request: ({ data, settings }) => ({
    method: 'POST',
    path: `/conversations/${providerIdOf(data.ticketId)}/parts`,
    body: {
      message_type: 'assignment',
      type: 'team',
      admin_id: settings.INTERCOM_ADMIN_ID,
      assignee_id: assigneeOf(settings.INTERCOM_TEAMS, data.queue),
      ...(data.note !== null && { body: asPart(data.note) }),
    },
  }),
  reference: ({ json }) => textAt(json, 'id'),
  // To set the same team again changes nothing, so who set it does not matter.
  probe: async ({ data, settings }, read) => {
    const { json } = await read(`/conversations/${providerIdOf(data.ticketId)}?display_as=plaintext`);
    const [wanted, team] = [assigneeOf(settings.INTERCOM_TEAMS, data.queue), textAt(json, 'team_assignee_id')];
    if (team === wanted) return { kind: 'done', reference: textAt(json, 'id') ?? data.ticketId };
    return { kind: 'not-done', detail: `the conversation is with team ${team ?? 'none'}` };
  },
});

import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { at, listAt, textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import { providerIdOf, ticketTarget } from '../../ticket-target.js';
import type { IntercomSettings } from './intercom.adapter.js';
import { asPart, partText } from './part-text.js';

/** Clocks differ; a part of ours is never older than its reservation by more than this. */
const CLOCKS_DIFFER_S = 60;

/** A comment of ours in a conversation (developers.intercom.com, Reply to a conversation). */
export const replyAtIntercom = httpTool<typeof SendTicketReply, IntercomSettings>({
  command: SendTicketReply,
  subjectType: 'ticket',
  target: ticketTarget('intercom'),
  request: ({ data, settings }) => ({
    method: 'POST',
    path: `/conversations/${providerIdOf(data.ticketId)}/reply`,
    body: {
      message_type: 'comment',
      type: 'admin',
      admin_id: settings.INTERCOM_ADMIN_ID,
      body: asPart(data.body),
    },
  }),
  reference: ({ json }, { data, settings }) => {
    const own = ownParts(json, settings.INTERCOM_ADMIN_ID).filter((part) => isSame(part, data.body));
    return textAt(own.at(-1), 'id') ?? textAt(json, 'id');
  },
  // Parts hold no metadata: ours is the one with our text, by our teammate, since the effect was asked for.
  probe: async ({ data, effect, settings }, read) => {
    const { json } = await read(`/conversations/${providerIdOf(data.ticketId)}?display_as=plaintext`);
    const since = effect.reservedAt / 1_000 - CLOCKS_DIFFER_S;
    const own = ownParts(json, settings.INTERCOM_ADMIN_ID).find(
      (part) => Number(at(part, 'created_at')) >= since && isSame(part, data.body),
    );
    if (own === undefined) return { kind: 'not-done', detail: 'the conversation has no such part since' };
    return { kind: 'done', reference: textAt(own, 'id') ?? effect.effectId };
  },
});

function ownParts(conversation: unknown, adminId: string): readonly unknown[] {
  return listAt(conversation, 'conversation_parts', 'conversation_parts').filter(
    (part) => textAt(part, 'author', 'type') === 'admin' && textAt(part, 'author', 'id') === adminId,
  );
}

function isSame(part: unknown, body: string): boolean {
  return partText(textAt(part, 'body') ?? '') === partText(asPart(body));
}

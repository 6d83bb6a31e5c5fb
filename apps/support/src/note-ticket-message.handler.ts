import { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { TicketTaken } from '@towpath/contracts/support/TicketTaken.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { plainText } from './draft/plain-text.js';
import { dropDraft, DROPPING } from './drop-draft.js';
import { ticketCase } from './ticket-case.js';

const EMITS = [TicketMessageNoted, TicketTaken, ...DROPPING] as const;
type Message = Received<typeof TicketReceived>;

/**
 * Keeps what was written in a ticket. A person's message, also a note that the customer does not see, gives the ticket to that person;
 * whatever the bot had drafted is dropped, as it is when the customer writes again. Inline, so it waits for no draft in the making.
 */
@Handles(TicketReceived, { emits: EMITS, decrypts: true })
export class NoteTicketMessage implements Handler<typeof TicketReceived, typeof EMITS> {
  reads({ data }: Message): Reads {
    return { streams: [ticketCase.of(data.ticketId)] };
  }

  handle(message: Message, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { ticketId, authorKind, sentAt } = message.data;
    const before = state.of(ticketCase, ticketId);
    const at = state.now;
    // Zendesk tells of a first message twice, by two events.
    if (before.messages.includes(message.data.messageId)) return [];
    if (authorKind === 'person') {
      const reason = 'wrote in the ticket';
      const taken = emit(TicketTaken, { ticketId, actor: null, reason, takenAt: at.getTime() });
      const drop = { code: 'person-spoke', reason: 'a person wrote in the ticket', at } as const;
      return [
        noted(message, false, at),
        ...(before.owner === 'person' ? [] : [taken]),
        ...dropDraft(ticketId, before, drop),
      ];
    }
    // What we ourselves or another program wrote asks nothing.
    if (authorKind !== 'customer' || message.data.internal) return [];
    const newest = before.asked === undefined || sentAt >= before.asked.sentAt;
    const drop = { code: 'superseded', reason: 'the customer wrote again', at } as const;
    return [noted(message, newest, at), ...(newest ? dropDraft(ticketId, before, drop) : [])];
  }
}

function noted({ data }: Message, newest: boolean, now: Date): Emission<typeof TicketMessageNoted> {
  const { ticketId, messageId, customerId, channel, authorKind, vip, sentAt } = data;
  const { text, length, traits } = plainText(data.body);
  return emit(TicketMessageNoted, {
    ...{ ticketId, messageId, customerId, channel, authorKind, vip, newest, sentAt },
    accountId: data.accountId,
    address: data.customerEmail,
    subject: plainText(data.subject ?? '').text.slice(0, 500),
    providerMessageId: data.providerMessageId,
    body: text,
    bodyLength: length,
    bodyTraits: [...traits],
    authorVerified: data.authorVerified,
    notedAt: now.getTime(),
  });
}

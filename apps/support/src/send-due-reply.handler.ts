import { Injectable } from '@nestjs/common';
import { ReplyDue } from '@towpath/contracts/support/ReplyDue.v1';
import { ReplyReleased } from '@towpath/contracts/support/ReplyReleased.v1';
import type { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { Handles, type DecisionState, type QueuedHandler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { sending } from './decide-answer.js';
import { dropDraft, DROPPING } from './drop-draft.js';
import { silenceFor, SILENCE_WORDS } from './standing.decider.js';
import { ticketCase } from './ticket-case.js';
import { TicketTexts } from './ticket-texts.js';

const EMITS = [ReplyReleased, SendTicketReply, ...DROPPING] as const;
type Message = Received<typeof ReplyDue>;

/** What goes out; undefined when the customer was erased meanwhile. */
interface Texts {
  readonly text: string;
  readonly message: TicketMessageNoted;
}

/** Sends what a person approved, unless somebody wrote in the ticket between the approval and now. */
@Injectable()
@Handles(ReplyDue, { mode: 'queued', emits: EMITS, decrypts: true })
export class SendDueReply implements QueuedHandler<typeof ReplyDue, typeof EMITS, Texts | null> {
  constructor(private readonly texts: TicketTexts) {}

  reads({ data }: Message): Reads {
    return { streams: [ticketCase.of(data.ticketId)] };
  }

  async work({ data }: Message): Promise<Texts | null> {
    const { ticketId, messageId, replyId } = data;
    const [message, draft] = await Promise.all([
      this.texts.message(ticketId, messageId),
      this.texts.draft(ticketId, replyId),
    ]);
    const text = data.text ?? draft?.text;
    return message && text !== undefined ? { message, text } : null;
  }

  handle({ data }: Message, state: DecisionState, texts: Texts | null): Emission<(typeof EMITS)[number]>[] {
    const { ticketId, replyId, messageId, customerId, actionHash, approvedBy } = data;
    const before = state.of(ticketCase, ticketId);
    // Dropped, or sent: somebody was first.
    if (before.draft?.replyId !== replyId) return [];
    const at = state.now;
    const silence = silenceFor(before, messageId);
    if (silence) return dropDraft(ticketId, before, { code: silence, reason: SILENCE_WORDS[silence], at });
    if (!texts) return dropDraft(ticketId, before, { code: 'stale', reason: 'the customer was erased', at });
    const { text, message } = texts;
    const edited = data.text !== null;
    const about = { ticketId, replyId, messageId, customerId, actionHash, approvedBy, edited, text };
    return [emit(ReplyReleased, { ...about, releasedAt: at.getTime() }), sending(replyId, text, message, actionHash)];
  }
}

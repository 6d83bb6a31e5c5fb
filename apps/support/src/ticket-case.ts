import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyFailed } from '@towpath/contracts/support/ReplyFailed.v1';
import { ReplyReleased } from '@towpath/contracts/support/ReplyReleased.v1';
import { ReplyReviewOpened } from '@towpath/contracts/support/ReplyReviewOpened.v1';
import { ReplySent } from '@towpath/contracts/support/ReplySent.v1';
import { ReplyWithheld } from '@towpath/contracts/support/ReplyWithheld.v1';
import { TicketEscalated } from '@towpath/contracts/support/TicketEscalated.v1';
import { TicketHandedOff } from '@towpath/contracts/support/TicketHandedOff.v1';
import { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { TicketReleased } from '@towpath/contracts/support/TicketReleased.v1';
import { TicketTaken } from '@towpath/contracts/support/TicketTaken.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import type { Source } from './draft/evidence.js';
import { citedBy } from './reply-action.js';
import type { TicketCase } from './ticket-state.js';

export const ticketCase = aggregate<TicketCase>({
  stream: 'ticket-case',
  initial: { status: 'new', owner: 'bot', specialists: [], escalated: false, vip: false, messages: [], unanswered: 0 },
  evolve: (state, event) => {
    if (isOf(TicketMessageNoted, event)) return noted(state, event.data);
    if (isOf(ReplyDrafted, event)) {
      const { replyId, messageId, actionHash, textHash, intent, confidence, specialist, sentences } = event.data;
      const cited = citedBy(sentences as readonly { readonly sources: readonly Source[] }[]);
      const draft = { replyId, messageId, actionHash, textHash, cited, intent, confidence, specialist };
      return { ...state, status: 'drafted', draft };
    }
    if (isOf(ReplyReviewOpened, event)) return inReview(state, event.data);
    if (isOf(ReplyWithheld, event))
      return event.data.replyId === null ? state : withoutDraft(state, event.data.replyId);
    if (isOf(ReplyReleased, event)) {
      const { replyId, messageId } = event.data;
      return {
        ...withoutDraft(state, replyId),
        status: 'answered',
        unanswered: 0,
        released: { replyId, messageId, settled: false },
      };
    }
    if (isOf(ReplySent, event) || isOf(ReplyFailed, event)) return settled(state, event.data.replyId);
    return assigned(state, event);
  },
});

/** Who has the ticket; never touches its status. */
function assigned(state: TicketCase, event: DomainEvent): TicketCase {
  if (isOf(TicketHandedOff, event)) return { ...state, specialists: event.data.path };
  if (isOf(TicketEscalated, event)) return { ...state, owner: 'person', escalated: true };
  if (isOf(TicketTaken, event)) return { ...state, owner: 'person' };
  if (isOf(TicketReleased, event)) return { ...state, owner: 'bot', escalated: false, unanswered: 0 };
  return state;
}

const MESSAGES_MAX = 50;

function noted(before: TicketCase, message: TicketMessageNoted): TicketCase {
  const state = { ...before, messages: [...before.messages, message.messageId].slice(-MESSAGES_MAX) };
  const { ticketId, messageId, customerId, accountId, channel, vip, authorKind, newest, sentAt } = message;
  if (authorKind === 'person') return { ...state, unanswered: 0 };
  if (authorKind !== 'customer') return state;
  const about = {
    ticketId,
    customerId,
    accountId: accountId ?? state.accountId ?? null,
    channel,
    vip: state.vip || vip,
  };
  const asked = newest ? { messageId, sentAt } : state.asked!;
  return { ...state, ...about, status: 'open', unanswered: state.unanswered + 1, asked };
}

function inReview(state: TicketCase, { replyId, reviewId, actionHash }: ReplyReviewOpened): TicketCase {
  const { draft } = state;
  if (draft?.replyId !== replyId) return state;
  return { ...state, status: 'in-review', draft: { ...draft, reviewId, actionHash } };
}

function withoutDraft(state: TicketCase, replyId: string): TicketCase {
  if (state.draft?.replyId !== replyId) return state;
  const { draft: _, ...rest } = state;
  return { ...rest, status: 'open' };
}

function settled(state: TicketCase, replyId: string): TicketCase {
  const { released } = state;
  return released?.replyId === replyId ? { ...state, released: { ...released, settled: true } } : state;
}

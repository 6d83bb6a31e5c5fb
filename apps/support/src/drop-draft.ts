import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReplyWithheld } from '@towpath/contracts/support/ReplyWithheld.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { TicketCase } from './ticket-state.js';

export const DROPPING = [ReplyWithheld, ReviewClosed] as const;

/** Why a draft is dropped: a stable code, and words. */
export interface Drop {
  readonly code:
    'person-spoke' | 'person-owns' | 'superseded' | 'answered' | 'drafted' | 'rejected' | 'stale' | 'escalated';
  readonly reason: string;
  readonly at: Date;
}

/** Drops the open draft of a ticket, and closes its review as stale; nothing when there is none. */
export function dropDraft(ticketId: string, state: TicketCase, drop: Drop): Emission<(typeof DROPPING)[number]>[] {
  const { draft, customerId } = state;
  if (!draft || customerId === undefined) return [];
  const { replyId, messageId, reviewId } = draft;
  const { code, reason, at } = drop;
  const about = { ticketId, replyId, messageId, customerId };
  return [
    emit(ReplyWithheld, { ...about, code, reasons: [reason], withheldAt: at.getTime() }),
    ...(reviewId === undefined ? [] : [emit(ReviewClosed, { reviewId, outcome: 'stale', actor: null })]),
  ];
}

import { ReplyFailed } from '@towpath/contracts/support/ReplyFailed.v1';
import { ReplySent } from '@towpath/contracts/support/ReplySent.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { escalate, ESCALATING } from './escalate.js';
import type { TicketCase } from './ticket-state.js';

export const OUTCOMES = [ReplySent, ReplyFailed, ...ESCALATING] as const;
type Outcome = Emission<(typeof OUTCOMES)[number]>;

/** Whether an effect is a reply of ours. */
export function isReply(effect: { readonly action: string }): boolean {
  return effect.action === SendTicketReply.type || effect.action === SendTicketReply.name;
}

/** The reply of a ticket that waits for its outcome, and what happened to it. */
export interface Ending {
  readonly ticketId: string;
  readonly effectId: string;
  readonly at: Date;
}

/** The provider has the reply; nothing when no reply of the ticket waits for that. */
export function sent(
  state: TicketCase,
  { ticketId, effectId }: Ending,
  end: { reference: string; at: number },
): Outcome[] {
  const { released, customerId } = state;
  if (!released || released.settled || customerId === undefined) return [];
  const { replyId, messageId } = released;
  const about = { ticketId, replyId, messageId, customerId, effectId };
  return [emit(ReplySent, { ...about, providerReference: end.reference, sentAt: end.at })];
}

/** The reply was not sent, or nobody knows: a person gets the ticket, and nothing is sent again by itself. */
export function failed(state: TicketCase, { ticketId, effectId, at }: Ending, code: string): Outcome[] {
  const { released, customerId } = state;
  if (!released || released.settled || customerId === undefined) return [];
  const { replyId, messageId } = released;
  const about = { ticketId, messageId, customerId };
  const reasons = [{ code: 'reply-failed', evidence: `egress says ${code}` }];
  return [
    emit(ReplyFailed, { ...about, replyId, effectId, code, failedAt: at.getTime() }),
    ...(state.owner === 'person' ? [] : escalate({ ...about, reasons, path: state.specialists }, state, at)),
  ];
}

import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { TicketEscalated } from '@towpath/contracts/support/TicketEscalated.v1';
import { AssignTicket as Assign } from '@towpath/contracts/tickets/AssignTicket.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { requestReview, type ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { ESCALATIONS_QUEUE } from './agent/support-acts.js';
import { assign } from './assign.js';
import { dropDraft, DROPPING } from './drop-draft.js';
import { ESCALATION_RULES_VERSION, type EscalationReason } from './escalate.decider.js';
import type { TicketCase } from './ticket-state.js';

export const ESCALATING = [TicketEscalated, Assign, ReviewRequested, ...DROPPING] as const;
export const TAKE_ACTION = 'TakeTicket';

/** What is given to a person, and why. */
export interface Escalated {
  readonly ticketId: string;
  readonly messageId: string;
  readonly customerId: string;
  readonly reasons: readonly EscalationReason[];
  readonly path: readonly string[];
}

/**
 * Gives a ticket to a person with every reason and the specialists that had it. Where the provider has no queues somebody is asked by a
 * review, so that an escalation of an e-mail is seen, too.
 */
export function escalate(escalated: Escalated, state: TicketCase, now: Date): Emission<(typeof ESCALATING)[number]>[] {
  const { ticketId, messageId, customerId, reasons, path } = escalated;
  const channel = state.channel ?? 'email';
  const note = [
    ...reasons.map(({ code, evidence }) => `${code}: ${evidence}`),
    ...(path.length > 0 ? [path.join(' → ')] : []),
  ];
  const about = { ticketId, messageId, customerId };
  const drop = { code: 'escalated', reason: 'the ticket goes to a person', at: now } as const;
  return [
    emit(TicketEscalated, {
      ...about,
      reasons: reasons.map((reason) => ({ ...reason })),
      path: [...path],
      rulesVersion: ESCALATION_RULES_VERSION,
      escalatedAt: now.getTime(),
    }),
    ...dropDraft(ticketId, state, drop),
    ...assign({ ticketId, channel, customerId, queue: ESCALATIONS_QUEUE, note: note.join('\n') }),
    ...(channel === 'email' ? [requestReview(takeRequest(escalated))] : []),
  ];
}

/** Asks a person to take a ticket whose provider has no queues. */
export function takeRequest({
  ticketId,
  messageId,
  reasons,
}: Pick<Escalated, 'ticketId' | 'messageId' | 'reasons'>): ReviewRequest {
  return {
    reviewId: takeReviewId(ticketId, messageId),
    ...{ service: 'support', subjectType: 'ticket', subjectId: ticketId, action: TAKE_ACTION },
    reason: reasons.map(({ code, evidence }) => `${code}: ${evidence}`).join('; '),
    arguments: { ticketId, messageId },
    evidence: {},
  };
}

export function takeReviewId(ticketId: string, messageId: string): string {
  return `take_${ticketId}_${messageId}`;
}

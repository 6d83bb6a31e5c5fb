import type { Escalated as RunEscalated } from '@towpath/agents/outcome';
import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyReleased } from '@towpath/contracts/support/ReplyReleased.v1';
import { ReplyReviewOpened } from '@towpath/contracts/support/ReplyReviewOpened.v1';
import { ReplyWithheld } from '@towpath/contracts/support/ReplyWithheld.v1';
import { TicketHandedOff } from '@towpath/contracts/support/TicketHandedOff.v1';
import type { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { requestReview, type ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import type { TicketAnswer, TicketHandoff } from './agent/ticket-question.js';
import { SUPPORT_AGENT } from './agent/support-agent.js';
import { ANSWERING, replyIdOf, type Asked, type Worked } from './answer-ticket.js';
import { assign } from './assign.js';
import { assembled } from './draft/evidence.js';
import type { Macros } from './draft/macros.js';
import { escalate } from './escalate.js';
import { citedBy, replyAction, replyHash, textHashOf, type ReplyFacts } from './reply-action.js';
import { silenceForDraft, SILENCE_WORDS, type Silence } from './standing.decider.js';
import type { TicketCase } from './ticket-state.js';

type Answer = Emission<(typeof ANSWERING)[number]>;
type Reply = Extract<TicketAnswer, { kind: 'reply' }>;
type Run = Extract<Worked, { kind: 'run' }>;

/** What is decided with. */
export interface Circumstances {
  readonly asked: Asked;
  /** the ticket as it is now, after the work */
  readonly state: TicketCase;
  readonly macros: Macros;
  readonly now: Date;
}

/**
 * Turns the work into messages, held against the ticket as it is now: when a person wrote meanwhile, or the customer asked something
 * else, nothing of the work counts.
 */
export function decideAnswer(worked: Worked, around: Circumstances): Answer[] {
  const { asked, state, now } = around;
  if (worked.kind === 'silent' && worked.code === 'erased')
    return [withheld(around, 'erased', 'the customer was erased')];
  const code = silenceForDraft(state, asked.messageId);
  if (code) return [withheld(around, code, SILENCE_WORDS[code])];
  // It was silent when the work began and is not any more: the ticket was released, and the message is asked anew then.
  if (worked.kind === 'silent') return [withheld(around, worked.code, SILENCE_WORDS[worked.code as Silence])];
  if (worked.kind === 'escalate')
    return escalate({ ...asked, reasons: worked.reasons, path: state.specialists }, state, now);
  const { outcome } = worked;
  if (outcome.status === 'needs_human') return afterLoop(outcome, around);
  const { decision } = outcome;
  const handed = handoffsOf(decision.handoffs, around);
  if (decision.kind === 'reply') return [...handed, ...drafted(decision, worked, around)];
  const reasons = [{ code: decision.code, evidence: decision.evidence }];
  const path = [...state.specialists, ...decision.handoffs.map(({ to }) => to)];
  return [...handed, ...escalate({ ...asked, reasons, path }, state, now)];
}

function withheld({ asked, now }: Circumstances, code: string, reason: string): Answer {
  const { ticketId, messageId, customerId } = asked;
  const about = { ticketId, messageId, customerId, replyId: null };
  return emit(ReplyWithheld, { ...about, code, reasons: [reason], withheldAt: now.getTime() });
}

/** Specialists that would hand the ticket in a circle, or a run over its limits: a person gets it, with the path. */
function afterLoop({ escalation, reasons: why }: RunEscalated, { asked, state, now }: Circumstances): Answer[] {
  const path = escalation.history.filter((one): one is string => typeof one === 'string');
  const codes: Record<string, string> = { HANDOFF_PING_PONG: 'handoff-loop', HANDOFF_DEPTH: 'handoff-depth' };
  const code = codes[escalation.code] ?? 'draft-refused';
  const evidence = `${escalation.reason}${why.length > 0 ? ` (${why.join('; ')})` : ''}`.slice(0, 500);
  return escalate(
    { ...asked, reasons: [{ code, evidence }], path: path.length > 0 ? path : state.specialists },
    state,
    now,
  );
}

function handoffsOf(handoffs: readonly TicketHandoff[], { asked, state, now }: Circumstances): Answer[] {
  const last = handoffs.at(-1);
  if (!last) return [];
  const { ticketId, messageId, customerId } = asked;
  let path: readonly string[] = state.specialists.length > 0 ? state.specialists : [handoffs[0]!.from];
  const events = handoffs.map(({ from, to, reason }) => {
    path = [...path, to];
    const about = { ticketId, messageId, customerId, from, to, reason, path: [...path] };
    return emit(TicketHandedOff, { ...about, handedOffAt: now.getTime() });
  });
  const channel = state.channel ?? 'email';
  const note = `${path.join(' → ')}: ${last.reason}`;
  return [...events, ...assign({ ticketId, channel, customerId, queue: last.to, note })];
}

function drafted(reply: Reply, { outcome, message }: Run, around: Circumstances): Answer[] {
  const { asked, macros, now } = around;
  const { ticketId, messageId, customerId, intent, confidence } = asked;
  const { text, spans } = assembled(reply.sentences);
  const replyId = replyIdOf(ticketId, messageId);
  const facts = {
    ticketId,
    replyId,
    messageId,
    customerId,
    textHash: textHashOf(text),
    cited: citedBy(reply.sentences),
  };
  const actionHash = replyHash(facts, macros);
  const about = { ticketId, replyId, messageId, customerId };
  const draft = emit(ReplyDrafted, {
    ...{ ...about, intent, confidence, text, actionHash, textHash: facts.textHash },
    ...{ specialist: reply.specialist, disposition: reply.disposition, reasons: [...reply.reasons] },
    sentences: spans.map(({ start, end, sources }) => ({ start, end, sources: sources.map((one) => ({ ...one })) })),
    ...{ decidedBy: outcome.decidedBy, runId: outcome.runId, macrosVersion: macros.version, draftedAt: now.getTime() },
  });
  if (reply.disposition === 'review') {
    const request = {
      ...reviewOf(facts, macros),
      reason: reply.reasons.join('; '),
      runId: outcome.runId,
      agent: SUPPORT_AGENT,
    };
    const { reviewId } = request;
    return [
      draft,
      emit(ReplyReviewOpened, { ...about, reviewId, actionHash, openedAt: now.getTime() }),
      requestReview({ ...request, proposed: { text, personId: customerId } }),
    ];
  }
  const released = { ...about, actionHash, approvedBy: null, edited: false, text, releasedAt: now.getTime() };
  return [draft, emit(ReplyReleased, released), sending(replyId, text, message, null)];
}

/** What a person is asked about a draft, by its ids and hashes; the text is not among them. */
export function reviewOf(facts: ReplyFacts, macros: Macros): ReviewRequest {
  const { ticketId, replyId } = facts;
  return {
    ...replyAction(facts, macros),
    // A draft that is made anew is another review: its text may be another.
    reviewId: `${replyId}_${facts.textHash.slice(0, 8)}`,
    ...{ service: 'support', subjectType: 'ticket', subjectId: ticketId, reason: '' },
  };
}

/** The command that answers a message where it was written. */
export function sending(
  replyId: string,
  body: string,
  message: TicketMessageNoted,
  approvalHash: string | null,
): Emission<typeof SendTicketReply> {
  const { ticketId, channel, customerId, address, subject, providerMessageId } = message;
  return emit(SendTicketReply, {
    ...{ ticketId, replyId, channel, customerId, toAddress: address, subject, body },
    ...{ inReplyTo: providerMessageId, approvalHash },
  });
}

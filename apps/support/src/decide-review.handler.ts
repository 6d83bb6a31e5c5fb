import { Injectable } from '@nestjs/common';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { RedraftDue } from '@towpath/contracts/support/RedraftDue.v1';
import { ReplyDue } from '@towpath/contracts/support/ReplyDue.v1';
import { TicketTaken } from '@towpath/contracts/support/TicketTaken.v1';
import { actionHash } from '@towpath/service-kit/reviews/action-hash';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { REVIEW_MESSAGES, ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { MacroFile } from './answer-ticket.js';
import { reviewOf } from './decide-answer.js';
import { dropDraft, DROPPING } from './drop-draft.js';
import { takeRequest, takeReviewId } from './escalate.js';
import { replyHash, textHashOf, type ReplyFacts } from './reply-action.js';
import { silenceFor } from './standing.decider.js';
import { ticketCase } from './ticket-case.js';
import type { OpenDraft, TicketCase } from './ticket-state.js';

const EMITS = [...REVIEW_MESSAGES, ...DROPPING, ReplyDue, RedraftDue, TicketTaken] as const;
type Message = Received<typeof DecideReview>;
type Deciding = Emission<(typeof EMITS)[number]>;

/**
 * Carries out what a person decides of a draft. An approval holds for exactly the text and the evidence that were shown: when a macro
 * changed since, the draft is made anew and asked about again. A rejected draft leaves the ticket to the person.
 */
@Injectable()
@Handles(DecideReview, { emits: EMITS, decrypts: true })
export class DecideReplyReview implements Handler<typeof DecideReview, typeof EMITS> {
  constructor(
    private readonly desk: ReviewDesk,
    private readonly file: MacroFile,
  ) {}

  reads({ data }: Message): Reads {
    return this.desk.reads(data, () => ({ streams: [ticketCase.of(data.subjectId)] }));
  }

  handle({ data }: Message, state: DecisionState): Deciding[] {
    const { subjectId: ticketId, actor } = data;
    const judged = this.desk.judge(data, state, () => this.current(data, state.of(ticketCase, ticketId)));
    const { verdict, messages } = judged;
    if (verdict === 'not-ours' || verdict === 'endorsed') return [...messages];
    const before = state.of(ticketCase, ticketId);
    const at = state.now;
    const taken = (reason: string): Deciding[] =>
      before.owner === 'person' ? [] : [emit(TicketTaken, { ticketId, actor, reason, takenAt: at.getTime() })];
    const { draft } = before;
    if (draft?.reviewId !== data.reviewId) return [...messages, ...(verdict === 'stale' ? [] : taken(data.reason))];
    const drop = (code: 'stale' | 'rejected', reason: string) =>
      // The review is closed by what the desk says already.
      dropDraft(ticketId, withoutReview(before), { code, reason, at });
    if (verdict === 'stale')
      return [...messages, ...drop('stale', 'its evidence moved on'), ...redraft(draft, before, at)];
    if (verdict === 'reject')
      return [...messages, ...drop('rejected', 'a person rejected it'), ...taken('rejected the draft')];
    return [...messages, this.due(draft, before, { actor, at, text: verdict === 'edit' ? judged.text : null })];
  }

  /** What would be asked now; nothing when the draft is gone, or the evidence of it is another. */
  private current(
    { reviewId, subjectId, actionHash: seen }: DecideReview,
    state: TicketCase,
  ): ReviewRequest | undefined {
    const { asked, draft } = state;
    if (asked && reviewId === takeReviewId(subjectId, asked.messageId)) {
      return takeRequest({ ticketId: subjectId, messageId: asked.messageId, reasons: [] });
    }
    if (draft?.reviewId !== reviewId || silenceFor(state, draft.messageId)) return undefined;
    const request = reviewOf(factsOf(subjectId, draft, state), this.file.macros);
    const now = actionHash(request);
    return now === draft.actionHash && (seen ?? now) === now ? request : undefined;
  }

  private due(
    draft: OpenDraft,
    state: TicketCase,
    { actor, at, text }: { readonly actor: string; readonly at: Date; readonly text: string | null },
  ): Deciding {
    const facts = factsOf(state.ticketId!, draft, state);
    const { ticketId, replyId, messageId, customerId } = facts;
    // What a person wrote is another text, and so another action, which that person stands for.
    const hash =
      text === null ? draft.actionHash : replyHash({ ...facts, textHash: textHashOf(text) }, this.file.macros);
    return remind(ReplyDue, at, {
      ticketId,
      replyId,
      messageId,
      customerId,
      actionHash: hash,
      approvedBy: actor,
      text,
    });
  }
}

function factsOf(ticketId: string, { replyId, messageId, textHash, cited }: OpenDraft, state: TicketCase): ReplyFacts {
  return { ticketId, replyId, messageId, customerId: state.customerId ?? '', textHash, cited };
}

function withoutReview(state: TicketCase): TicketCase {
  if (!state.draft) return state;
  const { reviewId: _, ...draft } = state.draft;
  return { ...state, draft };
}

function redraft({ messageId, intent, confidence, specialist }: OpenDraft, state: TicketCase, at: Date): Deciding[] {
  if (silenceFor(state, messageId)) return [];
  const about = { ticketId: state.ticketId!, messageId, customerId: state.customerId ?? '' };
  return [remind(RedraftDue, at, { ...about, intent, confidence, queue: specialist })];
}

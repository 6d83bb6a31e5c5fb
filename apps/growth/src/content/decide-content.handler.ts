import { Injectable } from '@nestjs/common';
import { LeadContentDropped } from '@towpath/contracts/growth/LeadContentDropped.v1';
import { LeadContentDue } from '@towpath/contracts/growth/LeadContentDue.v1';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import { REVIEW_MESSAGES, ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { contentReview } from './content-review.js';
import { drafts } from './drafts.js';

const EMITS = [...REVIEW_MESSAGES, LeadContentDue, LeadContentDropped] as const;

/** A person decides whether a model's words go out to a lead, as they are or changed. */
@Injectable()
@Handles(DecideReview, { emits: EMITS, decrypts: true })
export class DecideContent implements Handler<typeof DecideReview, typeof EMITS> {
  constructor(private readonly desk: ReviewDesk) {}

  reads({ data }: Received<typeof DecideReview>): Reads {
    return this.desk.reads(data, () => ({ streams: [drafts.of(data.subjectId)] }));
  }

  handle({ data }: Received<typeof DecideReview>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { subjectId: contactId, actor } = data;
    const pendingOf = () => state.of(drafts, contactId).pending;
    const judged = this.desk.judge(data, state, () => {
      const pending = pendingOf();
      return pending?.reviewId === data.reviewId ? contentReview(contactId, pending) : undefined;
    });
    const pending = judged.verdict === 'not-ours' ? null : pendingOf();
    const { messages } = judged;
    if (!pending) return [...messages];
    const { draftId } = pending;
    if (judged.verdict === 'reject') {
      const droppedAt = state.now.getTime();
      return [...messages, emit(LeadContentDropped, { contactId, draftId, code: 'rejected', actor, droppedAt })];
    }
    if (judged.verdict !== 'approve' && judged.verdict !== 'edit') return [...messages];
    const edited = judged.verdict === 'edit' ? judged.text : null;
    return [...messages, remind(LeadContentDue, state.now, { contactId, draftId, approvedBy: actor, edited })];
  }
}

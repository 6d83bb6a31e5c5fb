import { Injectable } from '@nestjs/common';
import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewEndorsed } from '@towpath/contracts/platform/ReviewEndorsed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { DecisionState, Reads } from '../handles.js';
import { emit, type Emission } from '../message.js';
import { Permanent } from '../permanent.js';
import { actionHash, textHash } from './action-hash.js';
import { peopleNeeded, type FourEyesLimits } from './four-eyes.js';
import { requestReview, type ReviewRequest } from './request-review.js';
import { agree, reviews, type Review } from './review.js';

/** What `judge` may ask to append; put it into the handler's `emits`. */
export const REVIEW_MESSAGES = [ReviewEndorsed, ReviewClosed, ReviewRequested] as const;

/** What a person's decision comes to. `messages` are to be appended in any case. */
export type Judged = { readonly messages: readonly Emission<(typeof REVIEW_MESSAGES)[number]>[] } & (
  | { readonly verdict: 'not-ours' | 'endorsed' | 'stale' }
  | { readonly verdict: 'approve' | 'reject' }
  | { readonly verdict: 'edit'; readonly text: string }
);

/**
 * Judges decisions about this service's reviews, for the one handler of `DecideReview` that each owner of reviews has. Whatever way a
 * decision comes (console, command line), it is held to the same rules here: the review is open, the person's role may, the action is the one that
 * they saw, two different people agree above the limit.
 */
@Injectable()
export class ReviewDesk {
  constructor(
    private readonly service: string,
    private readonly limits: FourEyesLimits,
  ) {}

  /** What the handler has to read: the review and whatever `own` names; nothing for another service's review. */
  reads(decision: DecideReview, own: () => Reads = () => ({})): Reads {
    if (decision.service !== this.service) return {};
    const { streams = [], ...rest } = own();
    return { ...rest, streams: [reviews.of(decision.reviewId), ...streams] };
  }

  /**
   * Pure. Throws `Permanent`: REVIEW_NOT_OPEN, ROLE_NOT_ALLOWED, DECISION_UNKNOWN, REASON_MISSING, TEXT_MISSING, HASH_MISSING,
   * FOUR_EYES (the same person twice).
   * @param current what the service would ask now; when its hash is no longer the reviewed one, the review is closed as stale and this is asked.
   *   It gives undefined when there is nothing left to decide, and is not called for another service's review.
   */
  judge(decision: DecideReview, state: DecisionState, current: () => ReviewRequest | undefined): Judged {
    if (decision.service !== this.service) return { verdict: 'not-ours', messages: [] };
    const review = state.of(reviews, decision.reviewId);
    const open = permitted(decision, review);
    const needed = peopleNeeded(open, this.limits);
    if (decision.actionHash === null && (open.agent !== null || needed > 1)) throw hashMissing(decision);
    const now = current();
    if (isStale(decision, open.actionHash, now)) return stale(decision, now);
    const { actor, decision: decided, edited, reviewId } = decision;
    if (decided === 'reject') return closed(decision, 'rejected', { verdict: 'reject' });
    const mine = { decision: decided, editedHash: textHash(edited) };
    const others = review.endorsements.filter((one) => one.actor !== actor && agree(one, mine));
    if (others.length + 1 < needed) {
      if (review.endorsements.some((one) => one.actor === actor && agree(one, mine))) {
        throw new Permanent('FOUR_EYES', `${actor} agreed already; review ${reviewId} takes another person`);
      }
      return { verdict: 'endorsed', messages: [endorsement(decision, mine.editedHash, needed, state.now)] };
    }
    if (decided === 'edit') return closed(decision, 'edited', { verdict: 'edit', text: edited ?? '' });
    return closed(decision, 'approved', { verdict: 'approve' });
  }
}

function permitted(decision: DecideReview, { open }: Review): NonNullable<Review['open']> {
  const { reviewId, decision: decided, role, reason, edited } = decision;
  // The handler acts on the subject that the decision names, so it has to be the one that was reviewed.
  const isSubject = open?.subjectType === decision.subjectType && open.subjectId === decision.subjectId;
  if (!open || !isSubject) {
    throw new Permanent('REVIEW_NOT_OPEN', `review ${reviewId} is not open; see \`towpath review show ${reviewId}\``);
  }
  if (open.roles.length > 0 && !open.roles.includes(role)) {
    throw new Permanent('ROLE_NOT_ALLOWED', `review ${reviewId} takes ${open.roles.join(' or ')}, not ${role}`);
  }
  if (!open.choices.includes(decided)) {
    throw new Permanent('DECISION_UNKNOWN', `decision "${decided}" is none of ${open.choices.join(', ')}`);
  }
  if (reason.trim() === '') throw new Permanent('REASON_MISSING', 'give a reason: it is recorded with the decision');
  if (decided === 'edit' && (edited ?? '').trim() === '') {
    throw new Permanent('TEXT_MISSING', 'an edit needs the text that is to be sent');
  }
  return open;
}

/** Only what rules propose and one person may decide can be decided as it stands, without saying what was seen. */
function hashMissing({ reviewId }: DecideReview): Permanent {
  return new Permanent('HASH_MISSING', `name the actionHash that was seen; \`towpath review show ${reviewId}\` has it`);
}

function isStale(decision: DecideReview, reviewed: string | null, current: ReviewRequest | undefined): boolean {
  if (!current) return true;
  if (reviewed === null) return false;
  const saw = decision.actionHash ?? reviewed;
  return saw !== reviewed || actionHash(current) !== reviewed;
}

function stale({ reviewId, actor }: DecideReview, current: ReviewRequest | undefined): Judged {
  const close = emit(ReviewClosed, { reviewId, outcome: 'stale', actor });
  return { verdict: 'stale', messages: [close, ...(current ? [requestReview(current)] : [])] };
}

function closed(
  { reviewId, actor }: DecideReview,
  outcome: 'approved' | 'edited' | 'rejected',
  verdict: { readonly verdict: 'approve' | 'reject' } | { readonly verdict: 'edit'; readonly text: string },
): Judged {
  return { ...verdict, messages: [emit(ReviewClosed, { reviewId, outcome, actor })] };
}

function endorsement(
  { reviewId, actor, decision, actionHash: hash, reasonCode, reason }: DecideReview,
  editedHash: string | null,
  needed: number,
  now: Date,
): Emission<typeof ReviewEndorsed> {
  const endorsedAt = now.getTime();
  const about = { reviewId, actor, decision, actionHash: hash, reasonCode, reason };
  return emit(ReviewEndorsed, { ...about, editedHash, needed, endorsedAt });
}

import type { Outcome } from '@towpath/agents/outcome';
import { LeadContentDrafted } from '@towpath/contracts/growth/LeadContentDrafted.v1';
import { LeadContentDropped } from '@towpath/contracts/growth/LeadContentDropped.v1';
import { LeadContentReleased } from '@towpath/contracts/growth/LeadContentReleased.v1';
import { LeadContentReviewOpened } from '@towpath/contracts/growth/LeadContentReviewOpened.v1';
import type { LeadSignalNoted } from '@towpath/contracts/growth/LeadSignalNoted.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { requestReview } from '@towpath/service-kit/reviews/request-review';
import { contentReview, reviewIdOf } from './content-review.js';
import type { Draft, Drafts } from './drafts.js';
import type { ContentDraft } from './question.js';

/** Everything that a draft may lead to. */
export const DRAFTING = [
  LeadContentDrafted,
  LeadContentReleased,
  LeadContentReviewOpened,
  LeadContentDropped,
  SendMail,
  ReviewRequested,
  ReviewClosed,
] as const;
export type Drafting = Emission<(typeof DRAFTING)[number]>;

/** What the work came to. */
export interface Drafted extends Pick<Outcome<ContentDraft>, 'decidedBy' | 'reasons' | 'runId'> {
  readonly told: LeadSignalNoted;
  readonly draft: ContentDraft;
  /** as it would go out, with greeting and signature */
  readonly text: string;
  readonly textHash: string;
}

/** Nobody gets more than one mail by itself in this time, whatever they do. */
const QUIET_MS = 24 * 3_600_000;

/**
 * Approved pieces go out at once to who agreed to mail; a model's own words wait for a person, and without agreement the draft is kept for
 * the rep. A draft that still waited is overtaken by this one.
 */
export function putForward(contactId: string, drafted: Drafted, before: Drafts, now: Date): Drafting[] {
  const { told, draft, text, textHash, decidedBy, runId } = drafted;
  const at = now.getTime();
  const draftId = `draft_${told.signalId}`;
  const cited = draft.cited.map(({ id, version }) => ({ id, version: String(version) }));
  const next = nextOf(drafted, before, at);
  const about: Draft = { draftId, signalId: told.signalId, textHash, cited, runId };
  const written = { subject: draft.subject, text, decidedBy, reasons: [...drafted.reasons], next, draftedAt: at };
  return [
    ...overtake(contactId, before, at),
    emit(LeadContentDrafted, { contactId, ...about, cited, ...written }),
    ...(next === 'sent' ? release(contactId, draftId, { ...draft, text, to: told.email }, at) : []),
    ...(next === 'review' ? review(contactId, about, text, at) : []),
  ];
}

/** The draft goes out. */
export function release(
  contactId: string,
  draftId: string,
  { subject, text, to }: { readonly subject: string; readonly text: string; readonly to: string },
  at: number,
  approval: { readonly by: string; readonly hash: string } | null = null,
): Emission<typeof LeadContentReleased | typeof SendMail>[] {
  return [
    emit(LeadContentReleased, { contactId, draftId, approvedBy: approval?.by ?? null, releasedAt: at }),
    emit(SendMail, {
      ...{ mailId: `lead_${draftId}`, recipientId: contactId, to, subject, text },
      ...{ inReplyTo: null, approvalHash: approval?.hash ?? null },
    }),
  ];
}

function nextOf({ told, draft }: Drafted, { releasedAt }: Drafts, at: number): 'sent' | 'review' | 'kept' {
  if (!told.mayMail) return 'kept';
  if (draft.words === 'model') return 'review';
  return releasedAt !== null && at - releasedAt < QUIET_MS ? 'kept' : 'sent';
}

function overtake(contactId: string, { pending }: Drafts, at: number): Drafting[] {
  if (!pending) return [];
  const { draftId, reviewId } = pending;
  return [
    emit(ReviewClosed, { reviewId, outcome: 'superseded', actor: null }),
    emit(LeadContentDropped, { contactId, draftId, code: 'superseded', actor: null, droppedAt: at }),
  ];
}

function review(contactId: string, draft: Draft, text: string, at: number): Drafting[] {
  const { draftId, textHash } = draft;
  const opened = { contactId, draftId, reviewId: reviewIdOf(draftId), textHash, openedAt: at };
  return [emit(LeadContentReviewOpened, opened), requestReview(contentReview(contactId, draft, text))];
}

import { LeadContentDrafted } from '@towpath/contracts/growth/LeadContentDrafted.v1';
import { LeadContentDropped } from '@towpath/contracts/growth/LeadContentDropped.v1';
import { LeadContentReleased } from '@towpath/contracts/growth/LeadContentReleased.v1';
import { LeadContentReviewOpened } from '@towpath/contracts/growth/LeadContentReviewOpened.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** A draft by ids and hashes, as an approval covers it. */
export interface Draft {
  readonly draftId: string;
  readonly signalId: string;
  readonly textHash: string;
  readonly cited: LeadContentDrafted['cited'];
  readonly runId: string;
}

/** What was written to a lead. */
export interface Drafts {
  readonly signalIds: readonly string[];
  readonly last: Draft | null;
  /** waits for a person */
  readonly pending: (Draft & { readonly reviewId: string }) | null;
  /** when something last went out, milliseconds since the epoch */
  readonly releasedAt: number | null;
}

const SIGNALS_MAX = 100;

export const drafts = aggregate<Drafts>({
  stream: 'lead-content',
  initial: { signalIds: [], last: null, pending: null, releasedAt: null },
  evolve: (state, event) => {
    if (isOf(LeadContentDrafted, event)) {
      const { draftId, signalId, textHash, cited, runId } = event.data;
      const last = { draftId, signalId, textHash, cited, runId };
      return { ...state, last, signalIds: [...state.signalIds, signalId].slice(-SIGNALS_MAX) };
    }
    if (isOf(LeadContentReviewOpened, event)) {
      return { ...state, pending: state.last && { ...state.last, reviewId: event.data.reviewId } };
    }
    if (isOf(LeadContentReleased, event)) return { ...state, pending: null, releasedAt: event.data.releasedAt };
    return isOf(LeadContentDropped, event) ? { ...state, pending: null } : state;
  },
});

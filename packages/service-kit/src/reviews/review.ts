import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewEndorsed } from '@towpath/contracts/platform/ReviewEndorsed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** One person's agreement. */
export interface Endorsement {
  readonly actor: string;
  readonly decision: string;
  readonly editedHash: string | null;
}

/** What a service knows of a review that it asked for. */
export interface Review {
  /** set while somebody has to decide */
  readonly open?: {
    readonly subjectType: string;
    readonly subjectId: string;
    /** the agent that proposes; null when rules do */
    readonly agent: string | null;
    readonly actionHash: string | null;
    readonly amountMinor: number | null;
    readonly currency: string | null;
    readonly choices: readonly string[];
    readonly roles: readonly string[];
  };
  /** of what is open; empty again when it is requested anew */
  readonly endorsements: readonly Endorsement[];
}

/** The reviews of this service. Part of every service with a store. */
export const reviews = aggregate<Review>({
  stream: 'review',
  initial: { endorsements: [] },
  evolve(review, event) {
    if (isOf(ReviewRequested, event)) return { open: openOf(event.data), endorsements: [] };
    if (isOf(ReviewEndorsed, event)) {
      const { actor, decision, editedHash } = event.data;
      const agreeing = review.endorsements.filter((one) => agree(one, { decision, editedHash }) && one.actor !== actor);
      return { ...review, endorsements: [...agreeing, { actor, decision, editedHash }] };
    }
    if (isOf(ReviewClosed, event)) return { endorsements: [] };
    return review;
  },
});

/** True when two people decided the same: the same decision, and the same text when it was edited. */
export function agree(one: Omit<Endorsement, 'actor'>, other: Omit<Endorsement, 'actor'>): boolean {
  return one.decision === other.decision && one.editedHash === other.editedHash;
}

type Subject = Pick<ReviewRequested, 'subjectType' | 'subjectId'>;

/** Requests of before have fewer fields. */
function openOf(request: Subject & Partial<ReviewRequested>): NonNullable<Review['open']> {
  const { subjectType, subjectId, agent = null, roles = [] } = request;
  const { actionHash = null, amountMinor = null, currency = null } = request;
  const choices = request.choices && request.choices.length > 0 ? request.choices : ['approve', 'reject'];
  return { subjectType, subjectId, agent, actionHash, amountMinor, currency, choices, roles };
}

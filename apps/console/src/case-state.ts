import type { CaseOpened } from '@towpath/contracts/console/CaseOpened.v1';

/** A decision on its way: it can be undone while it is held, and is with its owner once it was sent. */
export interface PendingDecision {
  readonly decisionId: string;
  readonly decision: string;
  readonly actor: string;
  readonly editedHash: string | null;
  readonly actionHash: string | null;
  /** milliseconds since the epoch */
  readonly heldUntil: number;
  readonly phase: 'held' | 'leaving' | 'sent';
}

/** One person's agreement that the owner counted. */
export interface Endorsed {
  readonly actor: string;
  readonly decision: string;
  readonly editedHash: string | null;
}

/** A case: what is asked, who works on it, what was decided. */
export interface ReviewCase {
  /** how often it changed; what `ETag` says */
  readonly version: number;
  readonly status: 'none' | 'open' | 'closed';
  /** set once somebody asked; personal data are null in it */
  readonly asked?: CaseOpened;
  readonly assignee: string | null;
  readonly claimedBy: string | null;
  /** how often it was escalated since it was asked */
  readonly level: number;
  /** the least role that may decide it now; null while every reviewing one may */
  readonly leastRole: string | null;
  /** milliseconds since the epoch */
  readonly decideBy: number | null;
  readonly pending: PendingDecision | null;
  readonly endorsements: readonly Endorsed[];
  /** how it ended last */
  readonly outcome: string | null;
}

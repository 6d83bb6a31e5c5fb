import type { CasePlace, EndedCase } from './open-cases.projection.js';
import type { ReviewCase } from './case-state.js';

/** A case as people see it: no personal data, those are read by a reveal of its own. */
export function caseView(state: ReviewCase, now: number) {
  const { asked, version, status, assignee, claimedBy, level, leastRole, decideBy, pending, endorsements } = state;
  const { proposedText: _text, evidence = null, ...rest } = asked ?? {};
  return {
    ...rest,
    evidence: evidence === null ? null : (JSON.parse(evidence) as unknown),
    ...{ version, status, outcome: status === 'closed' ? state.outcome : null, assignee, claimedBy, level, leastRole },
    decideBy,
    isOverdue: status === 'open' && decideBy !== null && decideBy < now,
    staleness: stalenessOf(state),
    pending,
    endorsements,
  };
}

/** Whether what was asked still stands: asked anew since it was first asked, or closed because it changed. */
function stalenessOf({ asked, status, outcome }: ReviewCase) {
  const isStale = status === 'closed' && outcome === 'stale';
  return { isStale, revision: asked?.revision ?? 0, wasRenewed: (asked?.revision ?? 0) > 1 };
}

/** A case that ended, in a list. */
export function endedView({ data }: EndedCase) {
  return { ...data, status: 'closed' as const };
}

/** A place in a list as text that clients hand back unread. */
export function cursorOf(place: CasePlace | string): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place that a cursor stands for; undefined when it is none of ours. */
export function placeOf(cursor: string): CasePlace | string | undefined {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    if (typeof place === 'string' && /^\d{1,19}$/.test(place)) return place;
    const { decideBy, reviewId } = place as Partial<CasePlace>;
    return Number.isSafeInteger(decideBy) && typeof reviewId === 'string' ? (place as CasePlace) : undefined;
  } catch {
    return undefined;
  }
}

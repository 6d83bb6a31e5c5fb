import { CaseAssigned } from '@towpath/contracts/console/CaseAssigned.v1';
import { CaseClaimed } from '@towpath/contracts/console/CaseClaimed.v1';
import { CaseClosed } from '@towpath/contracts/console/CaseClosed.v1';
import { CaseDecided } from '@towpath/contracts/console/CaseDecided.v1';
import { CaseDecisionFailed } from '@towpath/contracts/console/CaseDecisionFailed.v1';
import { CaseDecisionReleased } from '@towpath/contracts/console/CaseDecisionReleased.v1';
import { CaseDecisionSent } from '@towpath/contracts/console/CaseDecisionSent.v1';
import { CaseDecisionUndone } from '@towpath/contracts/console/CaseDecisionUndone.v1';
import { CaseEndorsed } from '@towpath/contracts/console/CaseEndorsed.v1';
import { CaseEscalated } from '@towpath/contracts/console/CaseEscalated.v1';
import { CaseOpened } from '@towpath/contracts/console/CaseOpened.v1';
import { CaseReleased } from '@towpath/contracts/console/CaseReleased.v1';
import { CaseRevealed } from '@towpath/contracts/console/CaseRevealed.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import type { Endorsed, PendingDecision, ReviewCase } from './case-state.js';

const FRESH = {
  ...{ assignee: null, claimedBy: null, level: 0, leastRole: null, decideBy: null, pending: null, endorsements: [] },
} as const;

export const reviewCases = aggregate<ReviewCase>({
  stream: 'review-case',
  initial: { version: 0, status: 'none', outcome: null, ...FRESH },
  // Who reads a case changes nothing about it, so what others were about to do still holds.
  evolve: (state, event) =>
    isOf(CaseRevealed, event) ? state : { ...evolved(state, event), version: state.version + 1 },
});

function evolved(state: ReviewCase, event: DomainEvent): ReviewCase {
  if (isOf(CaseOpened, event)) {
    return { ...state, ...FRESH, status: 'open', asked: event.data, decideBy: event.data.decideBy };
  }
  if (isOf(CaseAssigned, event)) return { ...state, assignee: event.data.assignee, claimedBy: null };
  if (isOf(CaseClaimed, event)) return { ...state, claimedBy: event.data.actor };
  if (isOf(CaseReleased, event)) return { ...state, claimedBy: null };
  if (isOf(CaseEscalated, event)) {
    const { level, role: leastRole, decideBy } = event.data;
    return { ...state, level, leastRole, decideBy, assignee: null, claimedBy: null };
  }
  if (isOf(CaseEndorsed, event)) return endorsed(state, event.data);
  if (isOf(CaseClosed, event)) {
    return { ...state, ...FRESH, status: 'closed', outcome: event.data.outcome };
  }
  return { ...state, pending: pendingAfter(state.pending, event) };
}

/** The next person has to agree to the same, or to something else that then waits for another. */
function endorsed(state: ReviewCase, { actor, decision, editedHash }: CaseEndorsed): ReviewCase {
  const same = (one: Endorsed): boolean => one.decision === decision && one.editedHash === editedHash;
  const others = state.endorsements.filter((one) => same(one) && one.actor !== actor);
  const endorsements = [...others, { actor, decision, editedHash }];
  return { ...state, endorsements, pending: null, claimedBy: null, assignee: null };
}

function pendingAfter(pending: PendingDecision | null, event: DomainEvent): PendingDecision | null {
  if (isOf(CaseDecided, event)) {
    const { decisionId, decision, actor, editedHash, actionHash, heldUntil } = event.data;
    return { decisionId, decision, actor, editedHash, actionHash, heldUntil, phase: 'held' };
  }
  if (pending === null) return null;
  const ours = (event.data as { decisionId?: string }).decisionId === pending.decisionId;
  if (!ours) return pending;
  if (isOf(CaseDecisionUndone, event) || isOf(CaseDecisionFailed, event)) return null;
  if (isOf(CaseDecisionReleased, event)) return { ...pending, phase: 'leaving' };
  if (isOf(CaseDecisionSent, event)) return { ...pending, phase: 'sent' };
  return pending;
}

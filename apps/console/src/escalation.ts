import { CaseEscalated } from '@towpath/contracts/console/CaseEscalated.v1';
import { CaseSlaDue } from '@towpath/contracts/console/CaseSlaDue.v1';
import { AlertRaised } from '@towpath/contracts/platform/AlertRaised.v1';
import { emit, remind, type Emission } from '@towpath/service-kit/message';
import type { ReviewCase } from './case-state.js';

export const ESCALATION = [CaseEscalated, AlertRaised, CaseSlaDue] as const;

/** Who may decide after the first and the second escalation. */
const ROLES = ['supervisor', 'admin'] as const;

/** A case goes to the next higher role, as long as there is one, and people are told. Nothing is decided by it. */
export function escalate(
  { asked, level, claimedBy, assignee }: ReviewCase,
  cause: 'SLA_MISSED' | 'NO_ANSWER',
  now: Date,
): Emission<(typeof ESCALATION)[number]>[] {
  const role = ROLES[level];
  if (!asked || role === undefined) return [];
  const { reviewId, revision, service, subjectType, subjectId, openedAt, decideBy: first } = asked;
  // Each role gets the time that the first had.
  const decideBy = now.getTime() + Math.max(60_000, first - openedAt);
  const heldBy = claimedBy ?? assignee;
  const escalatedAt = now.getTime();
  const words = cause === 'SLA_MISSED' ? 'nobody decided in time' : `${service} did not answer a decision`;
  return [
    emit(CaseEscalated, { reviewId, level: level + 1, role, cause, heldBy, decideBy, escalatedAt }),
    emit(AlertRaised, {
      alertId: `review_${reviewId}_${revision}_${level + 1}`,
      name: cause === 'SLA_MISSED' ? 'ReviewOverdue' : 'ReviewUnanswered',
      ...{ subject: reviewId, count: 1, sampleId: reviewId, raisedAt: escalatedAt },
      summary: `${service}: ${words} about ${subjectType} ${subjectId}; it takes ${role} now`,
    }),
    remind(CaseSlaDue, new Date(decideBy), { reviewId, revision, level: level + 1 }),
  ];
}

import { AlertRaised } from '@towpath/contracts/platform/AlertRaised.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { withFailure, type Group } from './alert.decider.js';

/** The name under which dead letters of one type, reason and handler are counted. */
export function groupOf(letter: Pick<DeadLettered, 'originType' | 'reason' | 'handler'>): string {
  return [letter.originType ?? 'unknown', letter.reason, letter.handler].join('|');
}

/** What is kept of each group to know when people are to be told. */
export const deadLetterGroups = projection<Group>({
  name: 'dead-letter-groups',
  keysOf(event) {
    if (isOf(DeadLettered, event)) return [groupOf(event.data)];
    return isOf(AlertRaised, event) ? [event.data.subject] : [];
  },
  evolve(group = { failedAt: [], raisedAt: null }, event) {
    if (isOf(DeadLettered, event)) return withFailure(group, event.data.lastFailedAt);
    return isOf(AlertRaised, event) ? { ...group, raisedAt: event.data.raisedAt } : group;
  },
});

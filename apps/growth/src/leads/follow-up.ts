import type { Grade } from './score.decider.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How long a rep has: until they are reminded, and until somebody else gets the lead. */
export const FOLLOW_UP = {
  hot: { remindMs: 15 * MINUTE, reassignMs: 2 * HOUR },
  warm: { remindMs: 4 * HOUR, reassignMs: 24 * HOUR },
  /** reps that a lead is with at most; when the last does not take it either, it is over */
  turnsMax: 3,
  /** how often a lead without a rep is looked at again, and for how long */
  waiting: { lookMs: 15 * MINUTE, giveUpMs: 7 * 24 * HOUR },
} as const;

export type FollowUpStep = 'remind' | 'reassign' | 'assign';

/** A lead that is cold by now and has a rep is followed up like a warm one. */
export function timesOf(grade: Grade): { readonly remindMs: number; readonly reassignMs: number } {
  return grade === 'hot' ? FOLLOW_UP.hot : FOLLOW_UP.warm;
}

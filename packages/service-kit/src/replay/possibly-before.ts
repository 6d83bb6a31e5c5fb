import type { PastEvent } from './past-events.js';

/** With more, only none, the first few and all are tried: 32 tries are enough for one decision. */
const ALL_SUBSETS_MAX = 5;

/**
 * What may have been decided before a decision of the same transaction: sets of whole decisions of other messages, none first. Of up to five
 * others every set, of more those that begin with the first in the log.
 */
export function possiblyBefore(beside: readonly PastEvent[]): PastEvent[][] {
  const byCause = new Map<string, PastEvent[]>();
  for (const event of beside) {
    const { causationId } = event.metadata;
    byCause.set(causationId, [...(byCause.get(causationId) ?? []), event]);
  }
  const others = [...byCause.values()];
  if (others.length > ALL_SUBSETS_MAX) return [0, ...others.keys()].map((_, count) => others.slice(0, count).flat());
  const sets = Array.from({ length: 2 ** others.length }, (_, mask) => others.filter((_, at) => (mask >> at) & 1));
  return sets.map((set) => set.flat());
}

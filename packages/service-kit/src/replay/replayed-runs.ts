import type { Keys } from '@towpath/event-store/cipher';
import { differences, type Comparable, type Difference } from './compare-decisions.js';

/** How a run of an agent ended; what it cost is another question. */
const RUN_DECIDED = 'agents.v1.RunDecided';
const COMPARED = ['runId', 'subjectId', 'status', 'decidedBy', 'decision', 'plainDecision', 'escalationCode'] as const;

/** The ends of runs among these events, one a run, comparable with another replay's. */
export function decisionsOfRuns(events: readonly Omit<Comparable, 'id'>[]): Comparable[] {
  const ends = new Map<string, Comparable>();
  for (const { type, stream, data } of events) {
    if (type !== RUN_DECIDED) continue;
    const fields = data as Readonly<Record<string, unknown>>;
    const compared = Object.fromEntries(COMPARED.map((name) => [name, fields[name] ?? null]));
    ends.set(stream, { id: stream, type, stream, data: compared });
  }
  return [...ends.values()];
}

/** How the replayed runs ended otherwise than the recorded ones, and who decided in them. */
export function runDifferences(
  recorded: readonly Comparable[],
  replayed: readonly Comparable[],
  keys: Keys,
): { readonly found: Difference[]; readonly decidedBy: string } {
  const streams = new Set(replayed.map(({ stream }) => stream));
  const found = differences(
    recorded.filter(({ stream }) => streams.has(stream)),
    replayed,
    keys,
  );
  const by = replayed.map(({ data }) => String((data as { readonly decidedBy?: unknown }).decidedBy));
  return { found, decidedBy: [...new Set(by)].join(', ') };
}

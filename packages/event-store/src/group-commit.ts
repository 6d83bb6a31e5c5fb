import { StoreUnavailable } from './errors.js';
import { rowKey, type Committed, type GroupCommit } from './types.js';

/** Transactions at once: one is written by Postgres while the next is encoded here. */
const inFlightMax = 2;
/** Commits in one transaction; keeps it within milliseconds. */
const togetherMax = 64;

interface Waiting {
  readonly commit: GroupCommit;
  readonly done: PromiseWithResolvers<Committed>;
}

/**
 * Group commit: whoever comes while the transactions at once are taken goes, with everybody else who waits, into the next
 * one. A lone caller waits for nobody; many callers pay for one transaction together. Commits that touch the same stream,
 * row or message never share one, and none overtakes another. When a shared transaction is refused, each commit is tried
 * alone, so that only the culprit hears of it.
 */
export function groupCommit(
  send: (commit: GroupCommit) => Promise<Committed>,
): (commit: GroupCommit) => Promise<Committed> {
  const waiting: Waiting[] = [];
  let inFlight = 0;

  const next = (): void => {
    while (inFlight < inFlightMax && waiting.length > 0) {
      inFlight += 1;
      void settle(send, waiting.splice(0, countOfTogether(waiting))).finally(() => {
        inFlight -= 1;
        next();
      });
    }
  };
  return (commit) => {
    const done = Promise.withResolvers<Committed>();
    waiting.push({ commit, done });
    next();
    return done.promise;
  };
}

/** How many of the first can share a transaction. */
function countOfTogether(waiting: readonly Waiting[]): number {
  const consumer = waiting[0]?.commit.consumer;
  const touched = new Set<string>();
  let count = 0;
  for (const { commit } of waiting) {
    const touches = touchedBy(commit);
    if (count === togetherMax || commit.consumer !== consumer || touches.some((one) => touched.has(one))) break;
    for (const one of touches) touched.add(one);
    count += 1;
  }
  return Math.max(count, 1);
}

function touchedBy({ inbox = [], events = [], rows = [], held = [] }: GroupCommit): string[] {
  return [
    ...inbox.map(({ eventId }) => `message ${eventId}`),
    ...events.map(({ stream }) => `stream ${stream}`),
    ...rows.map((row) => `row ${rowKey(row)}`),
    ...held.flatMap((write) => ('seq' in write ? `held ${write.seq}` : [])),
  ];
}

/** Never rejects: each caller hears of its own outcome. */
async function settle(send: (commit: GroupCommit) => Promise<Committed>, together: readonly Waiting[]): Promise<void> {
  try {
    const { events, rowVersion } = await send(merged(together.map(({ commit }) => commit)));
    let place = 0;
    for (const { commit, done } of together) {
      const count = commit.events?.length ?? 0;
      done.resolve({ events: events.slice(place, place + count), rowVersion });
      place += count;
    }
  } catch (error) {
    // An unknown outcome is everybody's: trying again could write twice.
    if (together.length === 1 || error instanceof StoreUnavailable) for (const { done } of together) done.reject(error);
    else for (const one of together) await settle(send, [one]);
  }
}

/** One commit with everything of all: every part of a commit but the consumer is a list. */
function merged(commits: readonly GroupCommit[]): GroupCommit {
  const [first] = commits;
  if (commits.length === 1 && first) return first;
  const all: Record<string, unknown[] | string> = {};
  for (const commit of commits)
    for (const [name, value] of Object.entries(commit))
      all[name] = Array.isArray(value)
        ? [...((all[name] as unknown[]) ?? []), ...(value as unknown[])]
        : (value as string);
  return all as unknown as GroupCommit;
}

import type { EventStore, NewEvent, StoredEvent } from '@towpath/event-store/types';

/** What ends a run of an agent. Hidden, the run goes over its recorded steps again and comes to its own end. */
const ENDS_OF_RUNS: readonly string[] = ['agents.v1.RunDecided', 'agents.v1.RunFailed', 'agents.v1.RunCanceled'];

const OF_RUNS = /^agents\.v1\.(Run|IdentityUsed)/;

/** A service's store as a replay sees it: nothing is written, and runs have not ended yet. */
export interface PastStore extends EventStore {
  /** what would have been appended since it was last asked, oldest first */
  taken(): readonly NewEvent[];
}

/** How a past store shows the runs of agents: as recorded up to their end, or as if none had begun, so that each is run anew. */
export type PastRuns = 'recorded' | 'anew';

/** Wraps the store of a service for a replay. Whatever would write throws `REPLAY_READS_ONLY`, but an append, which is kept in memory. */
export function pastStore(store: EventStore, runs: PastRuns = 'recorded'): PastStore {
  const isShown = runs === 'anew' ? isOfNoRun : isOpen;
  let appended: NewEvent[] = [];
  const refuse = (): never => {
    throw Object.assign(new Error('REPLAY_READS_ONLY: a replay changes nothing'), { code: 'REPLAY_READS_ONLY' });
  };
  return {
    ...store,
    append: (events) => {
      appended.push(...events);
      const place = (event: NewEvent) => ({ stream: event.stream, version: 0, hash: Buffer.alloc(32) });
      return Promise.resolve(events.map(place));
    },
    read: async (stream, until) => (await store.read(stream, until)).filter(isShown),
    readStreams: async (streams) => {
      const read = await store.readStreams(streams);
      return new Map([...read].map(([stream, events]) => [stream, events.filter(isShown)]));
    },
    commitGroup: refuse,
    loadGroupLocked: refuse,
    keepSnapshot: refuse,
    claimTimers: refuse,
    claimRetries: refuse,
    claimWork: refuse,
    taken: () => {
      const events = appended;
      appended = [];
      return events;
    },
  };
}

/** Runs have streams of their own, so all that is left out is theirs. */
function isOfNoRun({ type }: StoredEvent): boolean {
  return !OF_RUNS.test(type);
}

function isOpen({ type }: StoredEvent): boolean {
  return !ENDS_OF_RUNS.includes(type);
}

import {
  rowKey,
  type EventStore,
  type LoadedGroup,
  type NewEvent,
  type RowRef,
  type StoredEvent,
  type StoredRow,
} from '@towpath/event-store/types';

/** What ends a run of an agent. Hidden, the run goes over its recorded steps again and comes to its own end. */
const ENDS_OF_RUNS: readonly string[] = ['agents.v1.RunDecided', 'agents.v1.RunFailed', 'agents.v1.RunCanceled'];

const OF_RUNS = /^agents\.v1\.(Run|IdentityUsed)/;

/** A service's store as a replay sees it: nothing is written, and runs have not ended yet. */
export interface PastStore extends EventStore {
  /** what would have been appended since it was last asked, oldest first */
  taken(): readonly NewEvent[];
  /** from now on everybody who reads sees this instead, but for the streams of runs */
  show(view: PastView): void;
}

/** What a service had in its store at some time, or would have had it decided otherwise. */
export interface PastView {
  /** the events of a stream, given those that the log has */
  eventsOf(stream: string, stored: readonly StoredEvent[]): readonly StoredEvent[];
  /** those that there are */
  rows(refs: readonly RowRef[]): readonly StoredRow[] | Promise<readonly StoredRow[]>;
}

/** How a past store shows the runs of agents: as recorded up to their end, or as if none had begun, so that each is run anew. */
export type PastRuns = 'recorded' | 'anew';

/** Wraps the store of a service for a replay. Whatever would write throws `REPLAY_READS_ONLY`, but an append, which is kept in memory. */
export function pastStore(store: EventStore, runs: PastRuns = 'recorded'): PastStore {
  const isShown = runs === 'anew' ? isOfNoRun : isOpen;
  let appended: NewEvent[] = [];
  let view: PastView | undefined;
  const shown = (stream: string, stored: readonly StoredEvent[]): StoredEvent[] => {
    const isRun = stored.some((event) => !isOfNoRun(event));
    return [...(view && !isRun ? view.eventsOf(stream, stored) : stored.filter(isShown))];
  };
  const readStreams = async (streams: readonly string[]) => {
    const read = await store.readStreams(streams);
    return new Map(streams.map((stream) => [stream, shown(stream, read.get(stream) ?? [])]));
  };
  const viewed = async (of: PastView, streams: readonly string[], refs: readonly RowRef[]): Promise<LoadedGroup> => {
    const rows = await of.rows(refs);
    return {
      ...{ seen: new Map<string, Buffer>(), held: new Map<string, string | null>() },
      streams: streams.length === 0 ? new Map<string, StoredEvent[]>() : await readStreams(streams),
      rows: new Map(rows.map((row) => [rowKey(row), row])),
    };
  };
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
    read: async (stream, until) => shown(stream, await store.read(stream, until)),
    readStreams,
    loadGroup: (query) => (view ? viewed(view, query.streams, query.rows) : store.loadGroup(query)),
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
    show: (other) => {
      view = other;
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

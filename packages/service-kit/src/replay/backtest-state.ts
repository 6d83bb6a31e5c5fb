import {
  rowKey,
  type DomainEvent,
  type LoadedGroup,
  type RowRef,
  type StoredEvent,
  type StoredRow,
} from '@towpath/event-store/types';
import { visible, type Folds } from '../folds.js';
import { GroupState } from '../pipeline/group-state.js';
import { eventsBefore, type PastEvent } from './past-events.js';
import type { PastStore } from './past-store.js';

/**
 * What a service would know had it decided otherwise from an instant on: its store as it was then, and its own decisions since, in
 * memory. Memory grows with the rows of its projections and with what is decided.
 */
export class BacktestState {
  private readonly rows = new Map<string, StoredRow>();
  private readonly appended = new Map<string, StoredEvent[]>();

  constructor(
    private readonly store: PastStore,
    private readonly folds: Folds,
    /** the first position that is not history */
    private readonly position: string,
  ) {}

  /** Folds the projections up to the position. Resolves with how many events that took. */
  async load(progress: (events: number) => void): Promise<number> {
    let events = 0;
    for await (const event of eventsBefore(this.store, this.position)) {
      if (!event.archived) this.fold(event);
      if (++events % PROGRESS_EVENTS === 0) progress(events);
    }
    return events;
  }

  /** The state for one decision. */
  async for(streams: readonly string[], refs: readonly RowRef[]): Promise<GroupState> {
    const read = streams.length === 0 ? new Map<string, StoredEvent[]>() : await this.store.readStreams(streams);
    const at = BigInt(this.position);
    const history = (stream: string) => (read.get(stream) ?? []).filter(({ position }) => BigInt(position) < at);
    const loaded: LoadedGroup = {
      ...{ seen: new Map<string, Buffer>(), held: new Map<string, string | null>() },
      streams: new Map(streams.map((stream) => [stream, [...history(stream), ...(this.appended.get(stream) ?? [])]])),
      rows: new Map(refs.flatMap((ref) => this.rows.get(rowKey(ref)) ?? []).map((row) => [rowKey(row), row])),
    };
    return new GroupState(loaded, refs, this.folds);
  }

  /** Takes a decision in: later ones see it. */
  append(event: DomainEvent): void {
    const before = this.appended.get(event.stream) ?? [];
    const place = { position: '0', version: before.length + 1, kind: 'event' as const, hash: Buffer.alloc(0) };
    this.appended.set(event.stream, [...before, { ...event, ...place }]);
    this.fold(event);
  }

  private fold(event: DomainEvent | PastEvent): void {
    const seen = visible(this.folds, event);
    for (const projection of this.folds.projections) {
      for (const key of projection.keysOf(seen)) {
        const ref = projection.at(key);
        const state = projection.evolve(this.rows.get(rowKey(ref))?.state, seen, key);
        if (state === undefined) this.rows.delete(rowKey(ref));
        else this.rows.set(rowKey(ref), { ...ref, version: 1, state });
      }
    }
  }
}

const PROGRESS_EVENTS = 20_000;

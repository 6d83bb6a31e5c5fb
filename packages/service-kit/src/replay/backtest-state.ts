import {
  rowKey,
  type DomainEvent,
  type GroupQuery,
  type RowRef,
  type StoredEvent,
  type StoredRow,
} from '@towpath/event-store/types';
import { visible, type Folds } from '../folds.js';
import { GroupState } from '../pipeline/group-state.js';
import { openStreams } from '../pipeline/opened.js';
import { eventsBefore, type PastEvent } from './past-events.js';
import type { PastService } from './past-service.js';
import type { PastView } from './past-store.js';

type Query = Pick<GroupQuery, 'streams' | 'rows'> & { readonly opens: readonly string[] };

/**
 * What a service would know had it decided otherwise from an instant on: its store as it was then, and its own decisions since, in
 * memory. Memory grows with the rows of its projections and with what is decided.
 */
export class BacktestState implements PastView {
  private readonly folded = new Map<string, StoredRow>();
  private readonly appended = new Map<string, StoredEvent[]>();

  constructor(
    private readonly past: Pick<PastService, 'store' | 'vault'> & { readonly folds: Folds },
    /** the first position that is not history */
    private readonly position: string,
  ) {
    // Work that reads the store by itself sees no future either.
    past.store.show(this);
  }

  /** Folds the projections up to the position. Resolves with how many events that took. */
  async load(): Promise<number> {
    let events = 0;
    for await (const event of eventsBefore(this.past.store, this.position)) {
      if (!event.archived) this.fold(event);
      events += 1;
    }
    return events;
  }

  /** The state for one decision. */
  async for({ streams, rows, opens }: Query): Promise<GroupState> {
    const { store, vault, folds } = this.past;
    const loaded = await store.loadGroup({ consumer: '', ids: [], streams, rows });
    return new GroupState(loaded, rows, folds, await openStreams(opens, loaded, vault));
  }

  /** Takes a decision in: later ones see it. */
  append(event: DomainEvent): void {
    const before = this.appended.get(event.stream) ?? [];
    const place = { position: '0', version: before.length + 1, kind: 'event' as const, hash: Buffer.alloc(0) };
    this.appended.set(event.stream, [...before, { ...event, ...place }]);
    this.fold(event);
  }

  eventsOf(stream: string, stored: readonly StoredEvent[]): readonly StoredEvent[] {
    const at = BigInt(this.position);
    return [...stored.filter(({ position }) => BigInt(position) < at), ...(this.appended.get(stream) ?? [])];
  }

  rows(refs: readonly RowRef[]): StoredRow[] {
    return refs.flatMap((ref) => this.folded.get(rowKey(ref)) ?? []);
  }

  private fold(event: DomainEvent | PastEvent): void {
    const { folds } = this.past;
    const seen = visible(folds, event);
    for (const projection of folds.projections) {
      for (const key of projection.keysOf(seen)) {
        const ref = projection.at(key);
        const place = rowKey(ref);
        const state = projection.evolve(this.folded.get(place)?.state, seen, key);
        if (state === undefined) this.folded.delete(place);
        else this.folded.set(place, { ...ref, version: 1, state });
      }
    }
  }
}

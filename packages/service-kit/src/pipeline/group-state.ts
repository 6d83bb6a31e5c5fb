import { fromJson } from '@towpath/contracts/codec';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import { snapshotOf, SNAPSHOT_EVENTS } from '@towpath/event-store/snapshot';
import type { Projection } from '@towpath/event-store/projection';
import {
  rowKey,
  type DomainEvent,
  type LoadedGroup,
  type RowRef,
  type RowWrite,
  type Snapshot,
  type StoredEvent,
} from '@towpath/event-store/types';
import { visible, type Folds } from '../folds.js';
import type { DecisionState } from '../handles.js';
import type { OpenedStreams } from './opened.js';

interface Row {
  readonly ref: RowRef;
  readonly projection: Projection<unknown>;
  readonly version: number;
  state: unknown;
  written: boolean;
}

/**
 * The streams and rows of one group. What a decision appends is folded in before the next decision looks, so that many
 * messages in one group are decided as if they had come one by one.
 */
export class GroupState implements DecisionState {
  now = new Date(0);
  private readonly folded = new Map<Aggregate<unknown>, Map<string, unknown>>();
  private readonly appended = new Map<string, DomainEvent[]>();
  private readonly personal = new Map<string, DomainEvent[]>();
  private readonly rows = new Map<string, Row>();
  private readonly long: Snapshot[] = [];
  private readonly late = new Map<string, { ref: RowRef; projection: Projection<unknown>; events: DomainEvent[] }>();

  constructor(
    private readonly loaded: LoadedGroup,
    asked: readonly RowRef[],
    private readonly folds: Folds,
    private readonly readable: OpenedStreams = new Map(),
  ) {
    for (const ref of asked) this.addRow(ref, loaded);
  }

  of<State>(aggregate: Aggregate<State>, key: string): State {
    if (!this.folds.aggregates.includes(aggregate)) {
      throw new Error(`AGGREGATE_UNKNOWN: ${aggregate.stream} is not listed in the service's aggregates`);
    }
    const stream = aggregate.of(key);
    const states = this.statesOf(aggregate);
    if (!states.has(stream)) {
      const events = this.loaded.streams.get(stream);
      if (!events) throw new Error(`NOT_READ: stream ${stream} was not loaded; name it in the handler's reads()`);
      const history = this.history(aggregate, stream, events);
      states.set(stream, fold(aggregate, this.appended.get(stream) ?? [], history));
    }
    return states.get(stream) as State;
  }

  opened<C extends Contract>(contract: C, key: string): DataOf<C> | undefined {
    const stream = `${contract.stream}-${key}`;
    const events = this.readable.get(stream);
    if (!events) throw new Error(`NOT_OPENED: stream ${stream} was not opened; name it in the handler's opens`);
    const all = [...events, ...(this.personal.get(stream) ?? [])];
    const newest = all.findLast(({ type }) => type === contract.type);
    return newest && (fromJson(contract, newest.data) as DataOf<C>);
  }

  row<R>(projection: Projection<R>, key: string): R | undefined {
    const row = this.rows.get(rowKey(projection.at(key)));
    if (!row)
      throw new Error(`NOT_READ: row ${projection.name}/${key} was not loaded; name it in the handler's reads()`);
    return row.state as R | undefined;
  }

  /** The version a loaded stream must still have when the group is written; null for a stream nobody looked at. */
  expectedVersion(stream: string): number | null {
    const events = this.loaded.streams.get(stream);
    return events ? (events.at(-1)?.version ?? this.loaded.snapshots?.get(stream)?.version ?? 0) : null;
  }

  /** Folds an appended event into every state and row that follows from it. */
  apply(event: DomainEvent): void {
    const seen = visible(this.folds, event);
    // Readable until the group is written; whoever opens the stream sees it as it will be read.
    if (this.readable.has(event.stream)) {
      this.personal.set(event.stream, [...(this.personal.get(event.stream) ?? []), event]);
    }
    const events = this.appended.get(event.stream);
    if (events) events.push(seen);
    else this.appended.set(event.stream, [seen]);
    for (const [aggregate, states] of this.folded) {
      if (states.has(event.stream)) states.set(event.stream, aggregate.evolve(states.get(event.stream), seen));
    }
    for (const projection of this.folds.projections) {
      for (const key of projection.keysOf(seen)) this.applyToRow(projection, key, seen);
    }
  }

  /** Rows that events touch though no handler of the group read them; load them, then `addLate`. */
  missingRows(): RowRef[] {
    return [...this.late.values()].map(({ ref }) => ref);
  }

  addLate(loaded: LoadedGroup): void {
    for (const { ref, projection, events } of this.late.values()) {
      this.addRow(ref, loaded);
      for (const event of events) this.applyToRow(projection, ref.key, event);
    }
    this.late.clear();
  }

  writes(): RowWrite[] {
    return [...this.rows.values()]
      .filter((row) => row.written && !(row.version === 0 && row.state === undefined))
      .map((row) => ({ ...row.ref, expectedVersion: row.version, state: (row.state as object | undefined) ?? null }));
  }

  /** States of streams that grew long, as they were read: worth keeping, so that the next read need not fold them anew. */
  snapshots(): readonly Snapshot[] {
    return this.long;
  }

  private history<State>(aggregate: Aggregate<State>, stream: string, events: readonly StoredEvent[]): State {
    const snapshot = this.loaded.snapshots?.get(stream);
    const seen = events.map((event) => visible(this.folds, event));
    const state = fold(aggregate, seen, snapshot ? (snapshot.state as State) : aggregate.initial);
    const kept = events.length >= SNAPSHOT_EVENTS ? snapshotOf(stream, events, state) : undefined;
    if (kept) this.long.push(kept);
    return state;
  }

  private statesOf(aggregate: Aggregate<unknown>): Map<string, unknown> {
    const known = this.folded.get(aggregate);
    if (known) return known;
    const states = new Map<string, unknown>();
    this.folded.set(aggregate, states);
    return states;
  }

  private addRow(ref: RowRef, loaded: LoadedGroup): void {
    const projection = this.folds.projections.find(({ name }) => name === ref.name);
    if (!projection) throw new Error(`PROJECTION_UNKNOWN: ${ref.name} is not listed in the service's projections`);
    const stored = loaded.rows.get(rowKey(ref));
    this.rows.set(rowKey(ref), {
      ref,
      projection,
      version: stored?.version ?? 0,
      state: stored?.state,
      written: false,
    });
  }

  private applyToRow(projection: Projection<unknown>, key: string, event: DomainEvent): void {
    const ref = projection.at(key);
    const row = this.rows.get(rowKey(ref));
    if (row) {
      row.state = projection.evolve(row.state, event, key);
      row.written = true;
      return;
    }
    const late = this.late.get(rowKey(ref));
    if (late) late.events.push(event);
    else this.late.set(rowKey(ref), { ref, projection, events: [event] });
  }
}

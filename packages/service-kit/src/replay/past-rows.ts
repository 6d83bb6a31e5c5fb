import type { Projection } from '@towpath/event-store/projection';
import { rowKey, type EventStore, type RowRef, type StoredRow } from '@towpath/event-store/types';
import { visible, type Folds } from '../folds.js';
import { eventsBefore } from './past-events.js';

/** Rows that are wanted as they were before a position of the log. */
export interface WantedRows {
  readonly position: string;
  readonly rows: readonly RowRef[];
}

/**
 * Rows of projections as they were, from one walk through the log for all that are wanted; in memory are only rows that somebody
 * wants. The answers stand in the order of `wanted`, each by `rowKey`.
 */
export async function rowsAt(
  store: Pick<EventStore, 'schema' | 'query'>,
  folds: Folds,
  wanted: readonly WantedRows[],
): Promise<ReadonlyMap<string, StoredRow>[]> {
  const answers = wanted.map(() => new Map<string, StoredRow>());
  const open = wanted
    .map((one, place) => ({ ...one, at: BigInt(one.position), answer: answers[place]! }))
    .filter(({ rows }) => rows.length > 0)
    .sort((one, other) => (one.at < other.at ? -1 : 1));
  const last = open.at(-1);
  if (!last) return answers;
  const keys = new Set(open.flatMap(({ rows }) => rows.map(rowKey)));
  const names = new Set(open.flatMap(({ rows }) => rows.map(({ name }) => name)));
  const projections = folds.projections.filter(({ name }) => names.has(name));
  const states = new Map<string, unknown>();
  for await (const event of eventsBefore(store, last.position)) {
    while (open[0] && open[0].at <= BigInt(event.position)) settle(open.shift()!, states);
    if (!event.archived) for (const projection of projections) evolve(projection, visible(folds, event), keys, states);
  }
  for (const one of open) settle(one, states);
  return answers;
}

function settle(
  { rows, answer }: { rows: readonly RowRef[]; answer: Map<string, StoredRow> },
  states: Map<string, unknown>,
) {
  for (const ref of rows) {
    const state = states.get(rowKey(ref));
    if (state !== undefined) answer.set(rowKey(ref), { ...ref, version: 1, state });
  }
}

function evolve(
  projection: Projection<unknown>,
  event: ReturnType<typeof visible>,
  keys: ReadonlySet<string>,
  states: Map<string, unknown>,
): void {
  for (const key of projection.keysOf(event)) {
    const place = rowKey(projection.at(key));
    if (!keys.has(place)) continue;
    const row = projection.evolve(states.get(place), event, key);
    if (row === undefined) states.delete(place);
    else states.set(place, row);
  }
}

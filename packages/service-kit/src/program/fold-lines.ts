import type { Projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';
import { aggregateOf, visible, type Folds } from '../folds.js';

/** What is to be folded; the first line of standard input. */
export type FoldRequest =
  | { readonly stream: string }
  /** `keys`: only these rows */
  | { readonly projection: string; readonly keys?: readonly string[] };

/** A stored event as a line; `pii` fields may be ciphertext, as folds never see them. */
export type EventLine = Omit<DomainEvent, 'occurredAt'> & {
  /** ISO 8601 */
  readonly occurredAt: string;
};

/** The first answer for a stream: who folds it, null for nobody, and its state before the first event. */
export interface FoldStart {
  readonly aggregate: string | null;
  readonly state?: unknown;
}

/** The answer for each event of a stream: the state after it. */
export interface FoldStep {
  readonly state: unknown;
  /** the newer version that the event was read as */
  readonly readAs?: string;
}

/** The answers for a projection, after the last event. */
export interface FoldedRow {
  readonly key: string;
  readonly state: unknown;
}

/**
 * Folds the events of the lines after the first, which says what to fold: for a stream a `FoldStart` and then a `FoldStep` for each
 * event, for a projection its `FoldedRow`s in order of key. Pure: it reads its lines and nothing else. Throws FOLD_UNKNOWN.
 */
export async function* foldLines(
  folds: Folds,
  lines: AsyncIterable<string>,
): AsyncGenerator<FoldStart | FoldStep | FoldedRow> {
  let request: FoldRequest | undefined;
  const states = new Map<string, unknown>();
  const rows = new Map<string, unknown>();
  for await (const line of lines) {
    if (!request) {
      request = JSON.parse(line) as FoldRequest;
      if ('stream' in request) yield startOf(folds, request.stream, states);
      else projectionNamed(folds, request.projection);
      continue;
    }
    const event = eventIn(line);
    const seen = visible(folds, event);
    if ('stream' in request) {
      const step = stepOf(folds, request.stream, seen, states);
      yield { ...step, ...(seen.type !== event.type && { readAs: seen.type }) };
    } else foldRow(projectionNamed(folds, request.projection), request.keys, seen, rows);
  }
  for (const key of [...rows.keys()].sort()) yield { key, state: rows.get(key) };
}

function startOf({ aggregates }: Folds, stream: string, states: Map<string, unknown>): FoldStart {
  const aggregate = aggregateOf(aggregates, stream);
  if (!aggregate) return { aggregate: null };
  states.set(stream, aggregate.initial);
  return { aggregate: aggregate.stream, state: aggregate.initial };
}

function stepOf({ aggregates }: Folds, stream: string, event: DomainEvent, states: Map<string, unknown>): FoldStep {
  const aggregate = aggregateOf(aggregates, stream);
  if (aggregate) states.set(stream, aggregate.evolve(states.get(stream), event));
  return { state: states.get(stream) };
}

function foldRow(
  projection: Projection<unknown>,
  keys: readonly string[] | undefined,
  event: DomainEvent,
  rows: Map<string, unknown>,
): void {
  for (const key of projection.keysOf(event)) {
    if (keys && !keys.includes(key)) continue;
    const row = projection.evolve(rows.get(key), event, key);
    if (row === undefined) rows.delete(key);
    else rows.set(key, row);
  }
}

/** The projection of that name. Throws FOLD_UNKNOWN naming those there are. */
export function projectionNamed({ projections }: Folds, name: string): Projection<unknown> {
  const found = projections.find((projection) => projection.name === name);
  if (found) return found;
  const known = projections.map((projection) => projection.name).join(', ');
  throw Object.assign(new Error(`FOLD_UNKNOWN: there is no projection ${name}; there are ${known}`), {
    code: 'FOLD_UNKNOWN',
  });
}

function eventIn(line: string): DomainEvent {
  const { occurredAt, ...event } = JSON.parse(line) as EventLine;
  return { ...event, occurredAt: new Date(occurredAt) };
}

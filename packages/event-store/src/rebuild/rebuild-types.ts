import type { Statement } from '../connection.js';
import type { TextValue } from '../text-query.js';

/** Runs one statement, on a pool or within a transaction; values come as text. */
export type Run = (
  statement: Statement,
  values: readonly TextValue[],
) => Promise<readonly (readonly (string | null)[])[]>;

/** A row that is not what a replay gives; an absent state is an absent row. */
export interface Difference {
  readonly key: string;
  readonly live?: unknown;
  readonly replayed?: unknown;
}

/** The live rows of a projection beside those that a replay of its events gives, both as of `position`. */
export interface Comparison {
  /** of the store's log, as a decimal string */
  readonly position: string;
  readonly liveRows: number;
  readonly replayedRows: number;
  /** rows that differ, that are live alone, or that a replay alone gives */
  readonly different: number;
  /** the first of them in order of key, at most 10 */
  readonly examples: readonly Difference[];
}

/** Where a rebuild is. */
export type RebuildProgress =
  | { readonly phase: 'replay'; readonly events: number; readonly position: string; readonly target: string }
  | { readonly phase: 'compare'; readonly rows: number };

/** What a rebuild came to. */
export interface Rebuilt extends Comparison {
  /** how many events were replayed */
  readonly events: number;
  /** archived events that it may have had rows of; with any, rows that differ prove nothing */
  readonly leftOut: number;
  /** live rows that were changed; null when it was only compared, or nothing differed */
  readonly swapped: number | null;
  /** how long the writers waited at most, in milliseconds */
  readonly swapMs: number;
}

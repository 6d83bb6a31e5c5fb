/** A message whose turn in its group has come. */
export interface Comer {
  readonly orderKey: string;
  /** it waited and is the oldest of its key */
  readonly claimed: boolean;
  /** its handler is queued, and it came without the outcome of the work */
  readonly unworked: boolean;
  /** the dead letter whose message it is, when it was redriven */
  readonly redrives: string | null;
}

/** Keys with inline messages that wait, each with the dead letter that stops it or null. */
export type HeldKeys = ReadonlyMap<string, string | null>;

/** It is decided now, waits behind an earlier one of its key, or for a worker. */
export type Turn = 'decide' | 'wait' | 'work';

/**
 * What a message does. Order holds per key: while one of a key waits, later ones wait behind it; only the oldest, claimed by
 * its worker, goes, or the redriven message of the dead letter that stops the key. What workers run has an order of its own.
 */
export function turnOf({ orderKey, claimed, redrives, unworked }: Comer, keys: HeldKeys): Turn {
  if (unworked) return 'work';
  if (claimed) return 'decide';
  const stoppedBy = keys.get(orderKey);
  if (stoppedBy === undefined) return 'decide';
  return stoppedBy !== null && stoppedBy === redrives ? 'decide' : 'wait';
}

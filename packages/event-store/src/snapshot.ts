import { isDeepStrictEqual } from 'node:util';
import { contractOf, isContract } from '@towpath/contracts/catalogue';
import type { Snapshot, StoredEvent } from './types.js';

/** A stream is read whole below this; beyond, its state is kept so that the next read begins there. */
export const SNAPSHOT_EVENTS = 200;

/**
 * The snapshot of a stream's state, undefined when it is not to be kept: JSON could not give the state back as it is, or an
 * event's content will leave the store, after which a whole fold gives another state.
 */
export function snapshotOf(stream: string, events: readonly StoredEvent[], state: unknown): Snapshot | undefined {
  const last = events.at(-1);
  if (!last || !events.every(isFact) || state === undefined) return undefined;
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state)) return undefined;
  return { stream, version: last.version, hash: last.hash, state };
}

function isFact({ type }: StoredEvent): boolean {
  return isContract(type) && contractOf(type).retention === 'forever';
}

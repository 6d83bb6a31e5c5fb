import { firstLink, nextLink } from '../chain.js';

/** Where a stream of a store ends. */
export interface StreamHead {
  readonly version: number;
  readonly hash: Buffer;
}

/** The place of an event in its stream's chain, as its record says it. */
export interface Place {
  readonly version: number;
  readonly digest: Buffer;
  readonly hash: Buffer;
}

/** Why an event can't be put back: a stable code, and what it is about. */
export interface Obstacle {
  readonly code: string;
  readonly detail: string;
}

/**
 * The head once the event is put back, or why it can't follow: `UNPUBLISHED_BEFORE`, versions before it are on no topic;
 * `UNLINKED`, its hash is not that of its content behind what the store has before it.
 */
export function afterHead(stream: string, head: StreamHead | undefined, event: Place): StreamHead | Obstacle {
  const version = (head?.version ?? 0) + 1;
  if (event.version !== version) {
    const last = event.version - 1;
    const missing = last === version ? `version ${version} is` : `versions ${version} to ${last} are`;
    return { code: 'UNPUBLISHED_BEFORE', detail: `${missing} on no topic: internal events, or parked ones` };
  }
  const hash = nextLink(head?.hash ?? firstLink(stream), version, event.digest);
  if (hash.equals(event.hash)) return { version, hash };
  return { code: 'UNLINKED', detail: `version ${version} does not follow from what the store has before it` };
}

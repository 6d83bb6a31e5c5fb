import { digestOf, firstLink, nextLink } from './chain.js';
import type { DomainEvent } from './types.js';

/** A stored event with what its chain needs. */
export interface ChainedEvent extends DomainEvent {
  readonly version: number;
  readonly kind: string;
  readonly digest: Buffer;
  readonly hash: Buffer;
}

/** The first place where a stream is not what was appended. */
export interface Mismatch {
  readonly stream: string;
  readonly version: number;
  readonly eventId?: string;
  /**
   * `gap`: an event before this one is missing, or the order changed · `content`: a field differs from its digest ·
   * `link`: the hash doesn't follow from the one before · `kind`: not the kind that the contract has
   */
  readonly reason: 'gap' | 'content' | 'link' | 'kind';
}

/**
 * Recomputes a stream's chain from its events in version order; the first mismatch, or undefined when all is as appended.
 * Events cut off at the end are not seen here but by the signed checkpoints. `kinds`: by type, when they are to be checked too.
 */
export function verifyChain(
  stream: string,
  events: Iterable<ChainedEvent>,
  kinds?: ReadonlyMap<string, string>,
): Mismatch | undefined {
  let link = firstLink(stream);
  let expected = 1;
  for (const event of events) {
    const at = (reason: Mismatch['reason']): Mismatch => ({
      stream,
      version: event.version,
      eventId: event.id,
      reason,
    });
    if (event.version !== expected || event.stream !== stream) return at('gap');
    if (!digestMatches(event)) return at('content');
    link = nextLink(link, event.version, event.digest);
    if (!link.equals(event.hash)) return at('link');
    const kind = kinds?.get(event.type);
    if (kind !== undefined && kind !== event.kind) return at('kind');
    expected++;
  }
  return undefined;
}

function digestMatches(event: ChainedEvent): boolean {
  try {
    return digestOf(event).equals(event.digest);
  } catch {
    return false;
  }
}

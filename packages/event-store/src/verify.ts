import { digestOf, firstLink, nextLink } from './chain.js';
import type { DomainEvent } from './types.js';

/** A stored event with what its chain needs. */
export interface ChainedEvent extends DomainEvent {
  readonly version: number;
  readonly kind: string;
  readonly digest: Buffer;
  readonly hash: Buffer;
  /** its row holds more than the event that was read from it: finer times or numbers */
  readonly inexact?: boolean;
}

/** The first place where a stream is not what was appended. */
export interface Mismatch {
  readonly stream: string;
  readonly version: number;
  readonly eventId?: string;
  /**
   * `gap`: an event before this one is missing, or the order changed · `content`: a field differs from its digest, which of an
   * archived event is for whoever reads its file ·
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
  const chain = new StreamChain(stream, kinds);
  for (const event of events) {
    const mismatch = chain.next(event);
    if (mismatch) return mismatch;
  }
  return undefined;
}

/** The same, event by event, for streams that are longer than memory. */
export class StreamChain {
  private link: Buffer;
  private expected = 1;
  private isBroken = false;

  constructor(
    readonly stream: string,
    private readonly kinds?: ReadonlyMap<string, string>,
  ) {
    this.link = firstLink(stream);
  }

  /** The first mismatch; after it the stream says nothing more. */
  next(event: ChainedEvent): Mismatch | undefined {
    if (this.isBroken) return undefined;
    const reason = this.fault(event);
    if (reason === undefined) return undefined;
    this.isBroken = true;
    return { stream: this.stream, version: event.version, eventId: event.id, reason };
  }

  private fault(event: ChainedEvent): Mismatch['reason'] | undefined {
    if (event.version !== this.expected || event.stream !== this.stream) return 'gap';
    if (!event.archived && (event.inexact || !digestMatches(event))) return 'content';
    this.link = nextLink(this.link, event.version, event.digest);
    if (!this.link.equals(event.hash)) return 'link';
    const kind = this.kinds?.get(event.type);
    if (kind !== undefined && kind !== event.kind) return 'kind';
    this.expected += 1;
    return undefined;
  }
}

function digestMatches(event: ChainedEvent): boolean {
  try {
    return digestOf(event).equals(event.digest);
  } catch {
    return false;
  }
}

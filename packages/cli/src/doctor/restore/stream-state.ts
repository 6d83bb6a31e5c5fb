import type { Difference } from '@towpath/event-store/published';
import { afterHead, type Obstacle, type StreamHead } from '@towpath/event-store/restore/stream-tail';
import type { RecordEvent } from './record-event.js';

/** What becomes of a published event that the store does not hold: put back, left to the service's own decision, or to a person. */
export type Fate =
  | { readonly kind: 'import' }
  | ({ readonly kind: 'decided-again' } & Obstacle)
  | ({ readonly kind: 'person' } & Obstacle);

/** One stream that is behind, while its events are read in order. */
export class StreamState {
  private seen = 0;
  private stopped: { readonly version: number; readonly code: string } | undefined;

  constructor(
    private readonly stream: string,
    private head: StreamHead | undefined,
  ) {}

  /** A relay's catch-up publishes events again. */
  isRepeat(version: number): boolean {
    return version <= this.seen;
  }

  take(version: number, event: RecordEvent | Obstacle, difference: Difference): Fate {
    this.seen = version;
    if (difference === 'diverged') return this.stop('person', version, DIVERGED);
    if ('detail' in event) return this.stop('person', version, event);
    if (this.stopped) {
      return {
        kind: 'decided-again',
        code: 'BEHIND',
        detail: `version ${this.stopped.version} before it is not put back (${this.stopped.code})`,
      };
    }
    const head = afterHead(this.stream, this.head, event);
    if ('code' in head) return this.stop('decided-again', version, head);
    this.head = head;
    return { kind: 'import' };
  }

  private stop(kind: 'decided-again' | 'person', version: number, obstacle: Obstacle): Fate {
    this.stopped ??= { version, code: obstacle.code };
    return { kind, ...obstacle };
  }
}

const DIVERGED: Obstacle = { code: 'DIVERGED', detail: 'the store has another event, or other content, in its place' };

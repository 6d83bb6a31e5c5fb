import type { Rehearsed } from '@towpath/outbound/dry-run';
import type { OpenEffect } from './ledger.projection.js';

/** What one call came to. */
export type CallResult =
  | { readonly kind: 'done'; readonly reference: string }
  /** the provider said no and will not change its mind */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  /** certainly not acted on; may be tried again, not before `retryAfterMs` if the provider said so */
  | { readonly kind: 'not-acted'; readonly code: string; readonly detail: string; readonly retryAfterMs?: number }
  /** only the provider knows */
  | { readonly kind: 'unknown'; readonly code: string; readonly detail: string }
  /** dry run: what would have been sent */
  | { readonly kind: 'rehearsed'; readonly rehearsed: Rehearsed };

/** What the provider says about an effect when it is asked. */
export type ProbeResult =
  | { readonly kind: 'done'; readonly reference: string }
  | { readonly kind: 'not-done'; readonly detail: string }
  /** not done, and the subject's state rules it out for good */
  | { readonly kind: 'impossible'; readonly code: string; readonly detail: string }
  /** it could not be asked now */
  | { readonly kind: 'unavailable'; readonly detail: string }
  /** it can never tell, as a mail server can't */
  | { readonly kind: 'untold'; readonly detail: string };

/** How long and how often an effect is tried. */
export interface RetryPolicy {
  /** calls the provider may have acted on; calls that never left us don't count */
  readonly attemptsMax: number;
  /** from the first call on; after it nothing new is tried */
  readonly giveUpMs: number;
  readonly backoffBaseMs: number;
  readonly backoffMsMax: number;
}

/** A breaker as people see and reset it. */
export interface Breaker {
  /** the third party, such as slack; of one endpoint `hooks/<endpoint>` */
  readonly name: string;
  readonly state: 'closed' | 'open' | 'half-open';
  reset(): void;
}

/** The way to one third party. Both calls never throw and end within a bounded time. */
export interface Provider {
  /** how long the provider answers a repeated idempotency key with the first outcome; 0 when it keeps no keys */
  readonly keyWindowMs: number;
  /** longest time one call takes, after which nobody waits for it any more */
  readonly callMsMax: number;
  /** how long after a call the provider may still act on it, though nobody waits any more; default 0 */
  readonly lateMs?: number;
  /** calls at a time: the bulkhead, so that a slow provider holds back nobody else's effects */
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  /**
   * Pauses before each call after the first, in milliseconds, for receivers that drop repeats of an id themselves: what
   * was not taken is sent again by this published schedule, on database time, and then no more.
   */
  readonly schedule?: readonly number[];
  readonly breakers: readonly Breaker[];
  /** false while the provider is known to be down */
  accepts(effect: OpenEffect): boolean;
  execute(effect: OpenEffect): Promise<CallResult>;
  /** a read: may be repeated */
  probe(effect: OpenEffect): Promise<ProbeResult>;
  close(): Promise<void>;
}

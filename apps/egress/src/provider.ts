import type { OpenEffect } from './ledger.projection.js';

/** What one call came to. */
export type CallResult =
  | { readonly kind: 'done'; readonly reference: string }
  /** the provider said no and will not change its mind */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  /** certainly not acted on; may be tried again */
  | { readonly kind: 'not-acted'; readonly code: string; readonly detail: string }
  /** only the provider knows */
  | { readonly kind: 'unknown'; readonly code: string; readonly detail: string };

/** What the provider says about an effect when it is asked. */
export type ProbeResult =
  | { readonly kind: 'done'; readonly reference: string }
  | { readonly kind: 'not-done'; readonly detail: string }
  /** not done, and the subject's state rules it out for good */
  | { readonly kind: 'impossible'; readonly code: string; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

/** The way to one third party. Both calls never throw and end within a bounded time. */
export interface Provider {
  /** how long the provider answers a repeated idempotency key with the first outcome; 0 when it keeps no keys */
  readonly keyWindowMs: number;
  /** longest time one call takes, after which nobody waits for it any more */
  readonly callMsMax: number;
  /** false while the provider is known to be down */
  accepts(): boolean;
  execute(effect: OpenEffect): Promise<CallResult>;
  /** a read: may be repeated */
  probe(effect: OpenEffect): Promise<ProbeResult>;
}

import type { Notices } from './notices.js';

/** Messages that wait are in order per key within a lane: `inline` for retries and what is behind them, `queued` for workers. */
export type Lane = 'inline' | 'queued';

/** What a message that waits came in as. Its value is stored as given: seal it first. */
export interface HeldRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** milliseconds since the epoch */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  /** earlier values of a repeated name, and names without a value */
  readonly otherHeaders?: readonly (readonly [name: string, value: Buffer | null])[];
}

/** A message that waits from now on. */
export interface NewHeld {
  readonly kind: 'add';
  readonly lane: Lane;
  readonly orderKey: string;
  readonly handler: string;
  /** id of its inbox row */
  readonly eventId: string;
  readonly fingerprint: Buffer;
  readonly type: string;
  readonly correlationId: string;
  /** `timer`: the value is the timer as JSON; `redrive`: the record is the command, which redrives a dead letter */
  readonly origin: 'record' | 'timer' | 'redrive';
  readonly record: HeldRecord;
  /** how often it is tried again at most */
  readonly retries: number;
  /** when it may run, counted from now by the database's clock */
  readonly delayMs: number;
  /** why it waits, when it was tried */
  readonly failure?: HeldFailure;
  /** the dead letter that stops its key */
  readonly stoppedBy?: string;
  /** takes the place of the row that this dead letter stopped */
  readonly replaces?: string;
}

/** What is kept of a failure: nothing that could name a person. */
export interface HeldFailure {
  readonly code: string;
  /** file and line of our own code */
  readonly place: string | null;
}

/** A lease on a row. */
export interface Claim {
  readonly seq: string;
  /** rises with each lease of the row */
  readonly fence: string;
}

/** The row of a message that is decided in the same commit. */
export interface HeldDone extends Claim {
  readonly kind: 'done';
}

/** The row of a message that failed again. */
export interface HeldFailed extends Claim {
  readonly kind: 'failed';
  readonly delayMs: number;
  readonly failure: HeldFailure;
  readonly stoppedBy?: string;
}

/** Lets the key go on that a dead letter stopped; nothing when it stops none. */
export interface HeldFree {
  readonly kind: 'free';
  readonly deadLetterId: string;
}

/** A change among the messages that wait. */
export type HeldWrite = NewHeld | HeldDone | HeldFailed | HeldFree;

/** A message that may run, leased to the caller. */
export interface HeldMessage extends Claim {
  readonly lane: Lane;
  readonly orderKey: string;
  readonly handler: string;
  readonly eventId: string;
  readonly fingerprint: Buffer;
  readonly type: string;
  readonly correlationId: string;
  readonly origin: NewHeld['origin'];
  readonly record: HeldRecord;
  /** decisions that have failed so far */
  readonly attempts: number;
  readonly firstFailedAt: Date | null;
  /** workers that ended in the midst of it since its last failure */
  readonly lost: number;
}

/** How many wait in a lane, and for how long the oldest. */
export interface HeldDepth {
  readonly lane: Lane;
  readonly messages: number;
  readonly oldestSeconds: number;
}

/** Who leases, and for how long. */
export interface Lease {
  /** whose messages: those of a consumer run beside those of the others */
  readonly consumer: string;
  readonly leaseMs: number;
  /** for people */
  readonly owner: string;
}

/** The part of a store that keeps messages that wait. Of each key of a consumer's lane at most one is leased at a time: the oldest. */
export interface HeldStore {
  /** Leases due messages of the lane `inline`, by the database's clock. */
  claimRetries(lease: Lease & { limit: number }): Promise<HeldMessage[]>;
  /** Leases due messages of the lane `queued`, of each type at most as many as its number says. */
  claimWork(lease: Lease & { free: ReadonlyMap<string, number> }): Promise<HeldMessage[]>;
  /**
   * Leases due messages that have waited for longer than `olderMs` and that nobody else takes: of the lane `queued` and none of these
   * types, or of a consumer that is neither this one nor one of `others`.
   */
  claimStrays(
    lease: Lease & { others: readonly string[]; types: readonly string[]; olderMs: number; limit: number },
  ): Promise<HeldMessage[]>;
  /** prolongs leases; resolves with the `seq` of those that are still the caller's */
  extendHeld(claims: readonly Claim[], leaseMs: number): Promise<Set<string>>;
  /** gives leases back; nothing can be written under them any more */
  releaseHeld(claims: readonly Claim[]): Promise<void>;
  /** milliseconds until `claimRetries` may give something, 0 when it may now; undefined when nothing waits */
  nextRetryMs(consumer: string): Promise<number | undefined>;
  /** milliseconds until `claimWork` may give something of these types; undefined when nothing of them waits */
  nextWorkMs(consumer: string, types: readonly string[]): Promise<number | undefined>;
  heldDepths(): Promise<HeldDepth[]>;
  /**
   * Calls `heard` after each commit of any replica that changed what waits, and each time it may have missed one. It has a
   * connection of its own and makes it again when it breaks: ask now and then nevertheless.
   */
  onHeld(heard: () => void): Notices;
}

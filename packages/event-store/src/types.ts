import type { Kind } from '@towpath/contracts/contract';

/** What Postgres `jsonb` holds. Bytes stand in it as base64 strings. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Where a message stands in its story; stored beside the data and covered by the hash. */
export interface Metadata {
  /** the story this message belongs to */
  readonly correlationId: string;
  /** `ce_id` of the message that caused this one */
  readonly causationId: string;
  /** length of the causal chain */
  readonly hops: number;
  readonly path?: readonly string[];
  /** the handler that decided it */
  readonly handler: string;
  readonly traceparent?: string;
  readonly actor?: string;
  readonly [name: string]: unknown;
}

/** An event to append. */
export interface NewEvent {
  /** UUID; the same for the same decision, so that deciding again is idempotent */
  readonly id: string;
  /** `<stream>-<key>`, as `streamOf` makes it */
  readonly stream: string;
  readonly type: string;
  /** informative: the store takes the kind from the schema's `emits` table */
  readonly kind?: Kind;
  /** JSON form of the contract's data, `pii` fields encrypted */
  readonly data: object;
  readonly metadata: Metadata;
  readonly occurredAt: Date;
  /**
   * The version the stream must have before this call: 0 = it must not exist, null or absent = append at the end.
   * Only the first event of a stream in one call is looked at.
   */
  readonly expectedVersion?: number | null;
}

/** What projections and aggregates are folded from: a stored event, or one decided in this group and not stored yet. */
export interface DomainEvent {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Metadata;
  readonly occurredAt: Date;
}

/** An event as stored. */
export interface StoredEvent extends DomainEvent {
  /** place in the schema's log; a decimal string because Postgres gives 64 bits */
  readonly position: string;
  /** place in its stream; the first is 1 */
  readonly version: number;
  readonly kind: Kind;
  /** SHA-256 over the previous hash, the version and this event's digest */
  readonly hash: Buffer;
}

/** Where an appended event landed. */
export interface Appended {
  readonly stream: string;
  readonly version: number;
  readonly hash: Buffer;
}

/** A projection row's address. */
export interface RowRef {
  readonly name: string;
  readonly key: string;
}

/** A projection row as read. */
export interface StoredRow extends RowRef {
  /** rises with each write, not by one: it is the transaction that wrote it */
  readonly version: number;
  readonly state: unknown;
}

/** A projection row to write. */
export interface RowWrite extends RowRef {
  /** `StoredRow.version` as read; 0 = the row must not exist */
  readonly expectedVersion: number;
  /** null deletes the row */
  readonly state: object | null;
}

/** An inbox row's address. */
export interface InboxId {
  readonly eventId: string;
  /** `YYYY-MM-DD`, UTC, of the immutable `ce_time`: see `dayOf` */
  readonly day: string;
}

/** An inbox row to insert. */
export interface InboxRow extends InboxId {
  /** SHA-256 of the message's bytes: the same id with other bytes is recognised by it */
  readonly fingerprint: Buffer;
}

/** A repeat to count on the first's inbox row. */
export interface Repeat extends InboxId {
  readonly count: number;
}

/** A message to itself at a later time. */
export interface NewTimer {
  /** UUID; the message that fires has it as its event id */
  readonly id: string;
  readonly dueAt: Date;
  readonly type: string;
  readonly data: object;
  readonly metadata: Metadata;
}

/** A timer that is due, leased to the caller. */
export interface DueTimer {
  readonly id: string;
  readonly dueAt: Date;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Metadata;
}

/** What one read of a group asks for. */
export interface GroupQuery {
  readonly consumer: string;
  readonly ids: readonly InboxId[];
  /** stream ids; each is read whole */
  readonly streams: readonly string[];
  readonly rows: readonly RowRef[];
}

/** What one read of a group gives. */
export interface LoadedGroup {
  /** fingerprints of the asked ids that are in the inbox already, by event id */
  readonly seen: Map<string, Buffer>;
  /** the asked streams' events in order; a stream that does not exist has an empty list */
  readonly streams: Map<string, StoredEvent[]>;
  /** by `rowKey(ref)`; absent rows are absent */
  readonly rows: Map<string, StoredRow>;
}

/** Everything one group of messages changes, written in one transaction. Every list may be absent. */
export interface GroupCommit {
  readonly consumer: string;
  readonly inbox?: readonly InboxRow[];
  readonly repeats?: readonly Repeat[];
  readonly events?: readonly NewEvent[];
  readonly rows?: readonly RowWrite[];
  readonly timers?: readonly NewTimer[];
  /** timers to drop, whether or not they still exist */
  readonly cancelledTimers?: readonly string[];
  /** timers that this group handled; deleted with it */
  readonly firedTimers?: readonly string[];
}

/** What a commit gave. */
export interface Committed {
  /** in the order of `GroupCommit.events` */
  readonly events: Appended[];
  /** `StoredRow.version` of every row this commit wrote */
  readonly rowVersion: number;
}

/** A group read while every other writer of the schema waits; commit or release it within milliseconds. */
export interface LockedGroup {
  readonly group: LoadedGroup;
  commit(commit: GroupCommit): Promise<Committed>;
  /** gives the lock back without writing; safe after `commit` */
  release(): Promise<void>;
}

/**
 * One service's event store. Errors: `VersionConflict`, `InboxConflict`, `StoreRefusal` (a code that names the cause),
 * `StoreUnavailable` (Postgres can't be reached or cut the connection: the outcome of a write is unknown, read again).
 */
export interface EventStore {
  readonly schema: string;
  append(events: readonly NewEvent[]): Promise<Appended[]>;
  read(stream: string, until?: { toVersion?: number; at?: Date }): Promise<StoredEvent[]>;
  readStreams(streams: readonly string[]): Promise<Map<string, StoredEvent[]>>;
  loadGroup(query: GroupQuery): Promise<LoadedGroup>;
  /** for the third try after two conflicts: reads with all other writers of the schema held back */
  loadGroupLocked(query: GroupQuery): Promise<LockedGroup>;
  commitGroup(commit: GroupCommit): Promise<Committed>;
  /** leases due timers by the database's clock; a lease that runs out makes the timer claimable again */
  claimTimers(options: { limit: number; leaseMs: number }): Promise<DueTimer[]>;
  /** milliseconds until the next timer is due by the database's clock (0 when overdue); undefined when there is none */
  nextTimerDueMs(): Promise<number | undefined>;
  /** creates the inbox partitions of the coming days and drops those older than `keepDays`; call at start and daily */
  maintainInbox(options: { aheadDays: number; keepDays: number }): Promise<void>;
  /** ids of the registered schemas as set-up stored them, by type */
  schemaIds(): Promise<Map<string, { subject: string; schemaId: number }>>;
  /** read-only SQL on the schema's own tables, named statement; for `*.projection.ts` */
  query<Row>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Key of a row in `LoadedGroup.rows`. */
export function rowKey(ref: RowRef): string {
  return `${ref.name}\u0000${ref.key}`;
}

/** The inbox day of an instant: `YYYY-MM-DD`, UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

import type { Kind } from '@towpath/contracts/contract';
import type { Taint } from '@towpath/contracts/taint';
import type { HeldStore, HeldWrite } from './held-types.js';

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
  /** W3C Trace Context in which it was decided */
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** the most restrictive label of all that led to it; see `Taint` of the contracts */
  readonly taint?: Taint;
  /** the agents that had a hand in it, separated by spaces; SPIFFE id of the one that asks where there is a proof */
  readonly agent?: string;
  /** signed by an agent: that it may ask for exactly this */
  readonly proof?: string;
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
  /** its content is in the archive: `data` is null and `metadata` empty; folds leave it out */
  readonly archived?: true;
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
  /** its place, for messages of a topic that is kept for ever; see `InboxMark` */
  readonly mark?: InboxMark;
}

/** How far a consumer is in the messages of one type of one stream. They come in order, so it knows repeats that the inbox forgot. */
export interface InboxMark {
  /** names producer, stream and type */
  readonly key: string;
  /** `ce_sequence` */
  readonly sequence: number;
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
  /** keys of inline messages, to know which of them have earlier ones of this consumer that wait */
  readonly orderKeys?: readonly string[];
}

/** The state of a stream folded up to a version; see `keepSnapshot`. */
export interface Snapshot {
  readonly stream: string;
  readonly version: number;
  /** of the event of that version */
  readonly hash: Buffer;
  readonly state: unknown;
}

/** What one read of a group gives. */
export interface LoadedGroup {
  /** fingerprints of the asked ids that are in the inbox already, by event id */
  readonly seen: Map<string, Buffer>;
  /** the asked streams' events in order, after the snapshot's when there is one; a stream that does not exist has an empty list */
  readonly streams: Map<string, StoredEvent[]>;
  /** by stream; only in a store that was opened with a fold version */
  readonly snapshots?: ReadonlyMap<string, Snapshot>;
  /** by `rowKey(ref)`; absent rows are absent */
  readonly rows: Map<string, StoredRow>;
  /** the asked keys with messages that wait, each with the dead letter that stops it or null */
  readonly held: Map<string, string | null>;
  /** the database's clock when it was read */
  readonly now?: Date;
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
  /** messages that wait from now on, or no more */
  readonly held?: readonly HeldWrite[];
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
 * One service's event store. Errors: `VersionConflict`, `InboxConflict`, `LeaseLost`, `StoreRefusal` (a code that names the cause),
 * `StoreUnavailable` (Postgres can't be reached or cut the connection: the outcome of a write is unknown, read again).
 */
export interface EventStore extends HeldStore {
  readonly schema: string;
  append(events: readonly NewEvent[]): Promise<Appended[]>;
  read(stream: string, until?: { toVersion?: number; at?: Date }): Promise<StoredEvent[]>;
  readStreams(streams: readonly string[]): Promise<Map<string, StoredEvent[]>>;
  loadGroup(query: GroupQuery): Promise<LoadedGroup>;
  /** for the third try after two conflicts: reads with all other writers of the schema held back */
  loadGroupLocked(query: GroupQuery): Promise<LockedGroup>;
  commitGroup(commit: GroupCommit): Promise<Committed>;
  /** keeps a folded state, so that the next read of the stream by the same code begins there; only a cache: it may be gone any time */
  keepSnapshot(snapshot: Snapshot): Promise<void>;
  /** leases due timers of these types by the database's clock; a lease that runs out makes the timer claimable again */
  claimTimers(options: { types: readonly string[]; limit: number; leaseMs: number }): Promise<DueTimer[]>;
  /** milliseconds until the next timer of these types is due by the database's clock (0 when overdue); undefined when there is none */
  nextTimerDueMs(types: readonly string[]): Promise<number | undefined>;
  /** for how long the oldest timer has been due by the database's clock; 0 when none is */
  timersOverdueSeconds(): Promise<number>;
  /** the highest sequence of each mark among the messages that the inbox has forgotten; marks without any are absent */
  inboxMarks(consumer: string, keys: readonly string[]): Promise<Map<string, number>>;
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

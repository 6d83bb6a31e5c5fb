import 'reflect-metadata';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { Aggregate } from '@towpath/event-store/fold';
import type { Projection } from '@towpath/event-store/projection';
import type { RowRef } from '@towpath/event-store/types';
import type { Emission, Received } from './message.js';
import { DEFAULT_RETRY, type RetryPolicy } from './pipeline/retry.decider.js';

/** Which history and rows a decision needs; read for the whole group in one round trip. */
export interface Reads {
  /** stream ids, from `aggregate.of(key)` */
  readonly streams?: readonly string[];
  /** row addresses, from `projection.at(key)` */
  readonly rows?: readonly RowRef[];
  /** streams whose personal data the decision reads by `opened`; each is a few events long */
  readonly opens?: readonly string[];
}

/** What a decision sees besides its message: folded up to the decision before it, also within the same group. */
export interface DecisionState {
  /** time of this decision; the only clock a handler may use */
  readonly now: Date;
  /** the folded state of an aggregate that `reads` named */
  of<State>(aggregate: Aggregate<State>, key: string): State;
  /** the row of a projection that `reads` named, or undefined when there is none */
  row<Row>(projection: Projection<Row>, key: string): Row | undefined;
  /** data of the newest event of this contract in a stream that `opens` named, personal data readable, or `erased` where their person was */
  opened<C extends Contract>(contract: C, key: string): DataOf<C> | undefined;
}

/**
 * Reacts to one contract. `handle` is pure and synchronous: it may run several times for the same message, and what it
 * returns is appended in the same transaction as the message's inbox row, or not at all. It throws `Permanent` for what
 * can't be mended; after any other error the message waits and is tried again, later messages of its key wait behind it, and
 * at last it becomes a dead letter.
 */
export interface Handler<C extends Contract, Emits extends readonly Contract[] = readonly []> {
  reads?(message: Received<C>): Reads;
  /**
   * What must be the same in every repeat, when a repeat may differ in other bytes. A message with a known id and another
   * fingerprint is not dropped as a repeat but handled. Without it every message with a known id is a repeat.
   */
  fingerprint?(message: Received<C>): string;
  handle(message: Received<C>, state: DecisionState): readonly Emission<Emits[number]>[];
}

/** What the work of a queued handler is given. */
export interface WorkContext {
  /** aborted when the time is over, the service stops or another worker has the message: let go of everything then */
  readonly signal: AbortSignal;
  /** what `reads` named, as it is now; `handle` sees it again as it is then */
  readonly state: DecisionState;
  /**
   * True when no worker has had this message since it was recorded, here or in another replica: there is no earlier try to look for. It is
   * true, too, of one that was decided so long ago that the inbox has forgotten it, or that comes again under its id with another fingerprint.
   */
  readonly firstTry: boolean;
}

/**
 * Reacts to one contract with something that takes time: a model, a network. The consumer only records the message; a worker
 * runs `work` outside of any transaction, at most `concurrency` at once and each at most `timeoutMs`, and then `handle`, pure
 * and synchronous as any other, decides with what came out. `work` may run several times for one message (a worker was
 * killed, the message is tried again), but only one result is ever decided. Messages of one key run one after the other.
 */
export interface QueuedHandler<
  C extends Contract,
  Emits extends readonly Contract[] = readonly [],
  Result = unknown,
> extends Pick<Handler<C, Emits>, 'reads' | 'fingerprint'> {
  work(message: Received<C>, context: WorkContext): Promise<Result>;
  handle(message: Received<C>, state: DecisionState, result: Result): readonly Emission<Emits[number]>[];
}

export interface HandlesOptions<Emits extends readonly Contract[]> {
  /** every contract that `handle` may return */
  readonly emits?: Emits;
  /** decrypt pii fields before `handle`; leave it off unless the handler reads them */
  readonly decrypts?: boolean;
  /** what differs from 3 retries, 1 s at first, doubling, at most 60 s */
  readonly retry?: Partial<RetryPolicy>;
  /** after a dead letter the key does not go on until somebody redrives or discards it */
  readonly strict?: boolean;
  /**
   * Something begins with the message: under load its topic goes before the others that the group reads, so that no beginning waits for
   * all that goes on. The order of a topic's keys stays as it is.
   */
  readonly first?: boolean;
}

/** Limits of a queued handler, in each replica. */
export interface QueueLimits {
  /** works at once */
  readonly concurrency: number;
  /** time of one work, in milliseconds */
  readonly timeoutMs: number;
}

export interface QueuedOptions<Emits extends readonly Contract[]> extends HandlesOptions<Emits>, Partial<QueueLimits> {
  readonly mode: 'queued';
}

const DEFAULT_LIMITS: QueueLimits = { concurrency: 4, timeoutMs: 60_000 };

export interface HandlerEntry {
  readonly name: string;
  readonly contract: Contract;
  readonly emits: readonly Contract[];
  readonly decrypts: boolean;
  readonly retry: RetryPolicy;
  readonly strict: boolean;
  readonly first?: boolean;
  /** set for a queued handler */
  readonly queued?: QueueLimits;
}

const HANDLES = 'towpath:handles';

/**
 * Registers a class as the handler of `contract`: inline, or `queued` with work that takes time. A class that handles another
 * contract, or returns a message that is not in `emits`, does not compile.
 */
export function Handles<C extends Contract, const Emits extends readonly Contract[] = readonly []>(
  contract: C,
  options: QueuedOptions<Emits>,
): <T extends new (...dependencies: never[]) => QueuedHandler<C, Emits>>(handler: T) => void;
export function Handles<C extends Contract, const Emits extends readonly Contract[] = readonly []>(
  contract: C,
  options?: HandlesOptions<Emits> & { readonly mode?: never },
): <T extends new (...dependencies: never[]) => Handler<C, Emits>>(handler: T) => void;
export function Handles(
  contract: Contract,
  options: HandlesOptions<readonly Contract[]> | QueuedOptions<readonly Contract[]> = {},
) {
  return (handler: new (...dependencies: never[]) => unknown): void => {
    const entry: HandlerEntry = {
      name: handler.name,
      contract,
      emits: options.emits ?? [],
      decrypts: options.decrypts ?? false,
      retry: { ...DEFAULT_RETRY, ...options.retry },
      strict: options.strict ?? false,
      ...(options.first !== undefined && { first: options.first }),
      ...('mode' in options && { queued: limitsOf(options) }),
    };
    const entries = [...handlerEntries(handler), entry];
    Reflect.defineMetadata(HANDLES, entries, handler);
  };
}

function limitsOf({ concurrency, timeoutMs }: Partial<QueueLimits>): QueueLimits {
  return {
    concurrency: concurrency ?? DEFAULT_LIMITS.concurrency,
    timeoutMs: timeoutMs ?? DEFAULT_LIMITS.timeoutMs,
  };
}

/** What `@Handles` registered on a class; empty when it has none. */
export function handlerEntries(handler: object): readonly HandlerEntry[] {
  return (Reflect.getOwnMetadata(HANDLES, handler) as HandlerEntry[] | undefined) ?? [];
}

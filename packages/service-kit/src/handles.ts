import 'reflect-metadata';
import type { Contract } from '@towpath/contracts/contract';
import type { Aggregate } from '@towpath/event-store/fold';
import type { Projection } from '@towpath/event-store/projection';
import type { RowRef } from '@towpath/event-store/types';
import type { Emission, Received } from './message.js';

/** Which history and rows a decision needs; read for the whole group in one round trip. */
export interface Reads {
  /** stream ids, from `aggregate.of(key)` */
  readonly streams?: readonly string[];
  /** row addresses, from `projection.at(key)` */
  readonly rows?: readonly RowRef[];
}

/** What a decision sees besides its message: folded up to the decision before it, also within the same group. */
export interface DecisionState {
  /** time of this decision; the only clock a handler may use */
  readonly now: Date;
  /** the folded state of an aggregate that `reads` named */
  of<State>(aggregate: Aggregate<State>, key: string): State;
  /** the row of a projection that `reads` named, or undefined when there is none */
  row<Row>(projection: Projection<Row>, key: string): Row | undefined;
}

/**
 * Reacts to one contract. `handle` is pure and synchronous: it may run several times for the same message, and what it
 * returns is appended in the same transaction as the message's inbox row, or not at all. It throws `Permanent` for what
 * can't be mended; any other error is tried again alone and then becomes a dead letter.
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

export interface HandlesOptions<Emits extends readonly Contract[]> {
  /** every contract that `handle` may return */
  readonly emits?: Emits;
  /** decrypt pii fields before `handle`; leave it off unless the handler reads them */
  readonly decrypts?: boolean;
}

export interface HandlerEntry {
  readonly name: string;
  readonly contract: Contract;
  readonly emits: readonly Contract[];
  readonly decrypts: boolean;
}

const HANDLES = 'towpath:handles';

/**
 * Registers a class as the handler of `contract`. A class that handles another contract, or returns a message that is
 * not in `emits`, does not compile.
 */
export function Handles<C extends Contract, const Emits extends readonly Contract[] = readonly []>(
  contract: C,
  options: HandlesOptions<Emits> = {},
) {
  return <T extends new (...dependencies: never[]) => Handler<C, Emits>>(handler: T): void => {
    const entry: HandlerEntry = {
      name: handler.name,
      contract,
      emits: options.emits ?? [],
      decrypts: options.decrypts ?? false,
    };
    const entries = [...handlerEntries(handler), entry];
    Reflect.defineMetadata(HANDLES, entries, handler);
  };
}

/** What `@Handles` registered on a class; empty when it has none. */
export function handlerEntries(handler: object): readonly HandlerEntry[] {
  return (Reflect.getOwnMetadata(HANDLES, handler) as HandlerEntry[] | undefined) ?? [];
}

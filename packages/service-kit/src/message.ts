import type { Contract, DataOf } from '@towpath/contracts/contract';

/** A message as a handler receives it. Its data are decoded; pii fields are ciphertext unless the handler `decrypts`. */
export interface Received<C extends Contract = Contract> {
  /** the `ce_id`; the same for every repeat */
  readonly id: string;
  readonly type: C['type'];
  readonly data: DataOf<C>;
  /** id of the aggregate the message is about */
  readonly subject: string;
  /** `/services/<schema>` of the producer, set by the relay and not by the producer */
  readonly source: string;
  /** when it happened at its producer */
  readonly time: Date;
  /** the story this message belongs to */
  readonly correlationId: string;
  /** the message that caused this one; null at the start of a story */
  readonly causationId: string | null;
  /** length of the causal chain behind this message */
  readonly hops: number;
  /** handler and subject of each step of the chain, oldest first, at most 64 */
  readonly path: readonly string[];
  readonly traceparent: string | null;
}

/** A message that a handler asks to append. */
export interface Emission<C extends Contract = Contract> {
  readonly contract: C;
  readonly data: DataOf<C>;
  /** set for a timer: the message comes back to this service at that time instead of being appended now */
  readonly dueAt?: Date;
}

/** The message `contract` with these data, to be appended to its stream and, unless internal, published. */
export function emit<C extends Contract>(contract: C, data: NoInfer<DataOf<C>>): Emission<C> {
  return { contract, data };
}

/**
 * A timer: at `dueAt` by the database's clock this service's handlers of `contract` receive the message, once, through
 * the same pipeline as any other. It survives restarts. The contract must be `internal`.
 */
export function remind<C extends Contract>(contract: C, dueAt: Date, data: NoInfer<DataOf<C>>): Emission<C> {
  return { contract, data, dueAt };
}

import type { Contract, DataOf } from '@towpath/contracts/contract';
import { joinTaint, type Taint } from '@towpath/contracts/taint';

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
  /** W3C Trace Context of the work on this message: what it causes goes on from there */
  readonly traceparent: string | null;
  readonly tracestate?: string;
  /** redriven after its key went on, or caused by such a message: later ones of that key may have been decided before it */
  readonly late?: true;
  /** the most restrictive label of all that led to it; absent, which counts as `untrusted`, before messages had one */
  readonly taint?: Taint;
  /** the agents that had a hand in it, separated by spaces; SPIFFE id of the one that asks for it where `proof` shows that it may */
  readonly agent?: string;
  /** signed by `agent`: that it may ask for exactly this, for some minutes */
  readonly proof?: string;
}

/** A message that a handler asks to append. */
export interface Emission<C extends Contract = Contract> {
  readonly contract: C;
  readonly data: DataOf<C>;
  /** set for a timer: the message comes back to this service at that time instead of being appended now */
  readonly dueAt?: Date;
  /** more restrictive than what caused it; a label is never lowered here */
  readonly taint?: Taint;
  /** the agent that asks for it, set for a command: it is judged by what the agent declares, and signed in its name */
  readonly by?: ActingAgent;
  /** its ce_id, a UUID of version 8 that follows from what is decided; left out = one that follows from the cause and its handler */
  readonly id?: string;
  /** where it stands in its story, for a process that is bounded by itself; left out = one step after its cause */
  readonly story?: Pick<Received, 'correlationId' | 'hops' | 'path'>;
}

/** As much of an agent as says what it may ask for. */
export interface ActingAgent {
  readonly name: string;
  readonly identity: { readonly scopes: readonly string[] };
  /** the commands that it may ask for, each with its policy */
  readonly acts?: readonly { readonly command: Contract }[];
}

/** The message `contract` with these data, to be appended to its stream and, unless internal, published. */
export function emit<C extends Contract>(contract: C, data: NoInfer<DataOf<C>>): Emission<C> {
  return { contract, data };
}

/** The message with a label at least as restrictive as this one, because something of that label is in it. */
export function raise<C extends Contract>(emission: Emission<C>, taint: Taint): Emission<C> {
  return { ...emission, taint: emission.taint === undefined ? taint : joinTaint(emission.taint, taint) };
}

/** The command as one that the agent asks for. */
export function asActOf<C extends Contract>(agent: ActingAgent, emission: Emission<C>): Emission<C> {
  return { ...emission, by: agent };
}

/**
 * A timer: at `dueAt` by the database's clock this service's handlers of `contract` receive the message, once, through
 * the same pipeline as any other. It survives restarts. The contract must be `internal`.
 */
export function remind<C extends Contract>(contract: C, dueAt: Date, data: NoInfer<DataOf<C>>): Emission<C> {
  return { contract, data, dueAt };
}

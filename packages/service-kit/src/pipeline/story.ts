import { hash } from 'node:crypto';
import { streamOf } from '@towpath/contracts/contract';
import { toJson } from '@towpath/contracts/codec';
import type { DomainEvent, Metadata } from '@towpath/event-store/types';
import type { Emission, Received } from '../message.js';
import { Permanent } from '../permanent.js';
import { uuidV5 } from '../uuid-v5.js';

/** Namespace of the ids of everything that is decided. */
const DECISIONS = Buffer.from('0f6e7c1e7f0c5c539a6e0a3f4f1a9d10', 'hex');
/** A causal chain longer than this is a loop (DESIGN §6). */
export const HOPS_MAX = 64;

/**
 * Where what `handler` decides because of `cause` stands in its story: hops and path grow by one step. Made once per
 * message and shared by all it appends. Throws `Permanent('LOOP')` when the chain is longer than HOPS_MAX.
 */
export function metadataOf(cause: Received, handler: string): Metadata {
  if (cause.hops + 1 > HOPS_MAX) {
    throw new Permanent(
      'LOOP',
      `the causal chain has more than ${HOPS_MAX} steps: ${cause.path.slice(-8).join(' > ')}`,
    );
  }
  return {
    correlationId: cause.correlationId,
    causationId: cause.id,
    hops: cause.hops + 1,
    path: [...cause.path, `${handler}@${shortHash(cause.subject)}`].slice(-HOPS_MAX),
    handler,
    ...(cause.traceparent === null ? {} : { traceparent: cause.traceparent }),
  };
}

/** The event an emission becomes. Its id follows from its cause, so that deciding again gives the same id. */
export function eventOf(emission: Emission, id: string, metadata: Metadata, now: Date): DomainEvent {
  const { contract, data } = emission;
  return {
    id,
    stream: streamOf(contract, data),
    type: contract.type,
    data: toJson(contract, data),
    metadata,
    occurredAt: now,
  };
}

/** The id of the `index`-th message that `handler` decides because of `causeId`. */
export function decisionId(causeId: string, handler: string, index: number): string {
  return uuidV5(DECISIONS, `${causeId}/${handler}/${index}`);
}

/** Subjects can be personal, and a path is long enough as it is. */
function shortHash(subject: string): string {
  return hash('sha256', subject, 'hex').slice(0, 8);
}

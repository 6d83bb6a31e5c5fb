import { hash } from 'node:crypto';
import { joinTaint, type Taint } from '@towpath/contracts/taint';
import { streamOf, type Contract } from '@towpath/contracts/contract';
import { toJson } from '@towpath/contracts/codec';
import type { DomainEvent, Metadata } from '@towpath/event-store/types';
import type { Emission, Received } from '../message.js';
import { Permanent } from '../permanent.js';
import { uuidV5 } from '../uuid-v5.js';
import type { WorkNotes } from './work-notes.js';
import { HOPS_MAX, loopIn } from './loop-guard.decider.js';

/** Namespace of the ids of everything that is decided. */
const DECISIONS = Buffer.from('0f6e7c1e7f0c5c539a6e0a3f4f1a9d10', 'hex');
/**
 * Where what `handler` decides because of `cause` stands in its story: hops and path grow by one step. Made once per
 * message and shared by all it appends.
 */
export function metadataOf(cause: Received, handler: string, work?: WorkNotes): Metadata {
  const taint = labelOf(cause, work);
  return {
    correlationId: cause.correlationId,
    causationId: cause.id,
    ...stepAfter(cause, handler, cause.subject),
    handler,
    ...(cause.traceparent === null ? {} : { traceparent: cause.traceparent }),
    ...(cause.tracestate === undefined ? {} : { tracestate: cause.tracestate }),
    ...(cause.late ? { late: true } : {}),
    ...(taint === undefined ? {} : { taint }),
    ...(work === undefined || work.agents.length === 0 ? {} : { agent: work.agents.map(({ name }) => name).join(' ') }),
  };
}

/**
 * The metadata of each emission of a decision: what it shares with the others, unless it is more restricted or has a story of its own. Those that
 * stand alike in one story share one object, which is hashed and written out once.
 */
export function metadataOfEach(shared: Metadata, cause: Received): (emission: Emission) => Metadata {
  let last: { readonly of: Emission; readonly metadata: Metadata } | undefined;
  return (emission) => {
    if (!last || last.of.story !== emission.story || last.of.taint !== emission.taint) {
      last = { of: emission, metadata: metadataFor(emission, shared, cause) };
    }
    return last.metadata;
  };
}

function metadataFor({ taint, story }: Emission, shared: Metadata, cause: Received): Metadata {
  const own = story && { correlationId: story.correlationId, ...stepAfter(story, shared.handler, cause.subject) };
  if (taint === undefined) return own ? { ...shared, ...own } : shared;
  return { ...shared, ...own, taint: joinTaint(taint, shared.taint ?? cause.taint) };
}

function stepAfter({ hops, path }: Pick<Received, 'hops' | 'path'>, handler: string, subject: string) {
  return { hops: hops + 1, path: [...path, stepOf(handler, subject)].slice(-HOPS_MAX) };
}

/** A message from before there were labels leads to ones without; once anything is known to be in it, it has one. */
function labelOf({ taint }: Received, work: WorkNotes | undefined): Taint | undefined {
  if (work?.taint === undefined) return taint;
  return joinTaint(taint, work.taint);
}

/** Throws `Permanent('LOOP')`, with the path drawn, when deciding the message would go round in circles. */
export function refuseLoop({ hops, path, subject }: Received, handler: string, contract: Contract): void {
  const loop = loopIn({ hops, path, step: stepOf(handler, subject), contract });
  if (loop !== null) throw new Permanent('LOOP', loop);
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

/** A step of a path. Subjects can be personal, and a path is long enough as it is. */
export function stepOf(handler: string, subject: string): string {
  return `${handler}@${hash('sha256', subject, 'hex').slice(0, 8)}`;
}

import { encode, toJson } from '@towpath/contracts/codec';
import { topicOf } from '@towpath/contracts/contract';
import { topicOfName } from '@towpath/contracts/topics';
import type { DomainEvent, Metadata, NewTimer } from '@towpath/event-store/types';
import type { Emission } from '../message.js';
import { Permanent } from '../permanent.js';
import { deadLetterOf, failureOf } from './failure.js';
import type { GroupState } from './group-state.js';
import type { Failure, Item } from './item.js';
import { decisionId, eventOf, metadataOf } from './story.js';

/** A message is decided at most this often before it becomes a dead letter. */
export const ATTEMPTS_MAX = 3;

/** A message with everything its decision appends. */
export interface Decided {
  readonly item: Item;
  readonly emissions: readonly Emission[];
  readonly events: readonly DomainEvent[];
  readonly timers: readonly NewTimer[];
  /** set when what is appended is its dead letter */
  readonly failure?: Failure;
}

export interface Outcome {
  readonly decided: Decided[];
  /** to be decided again alone */
  readonly failed: { item: Item; failure: Failure }[];
  /** messages behind a failed one of the same key */
  readonly deferred: Item[];
}

/**
 * Decides every message in order. A failing one takes only itself and later messages of its key out of the group; a
 * permanent failure, or the last attempt's, appends the dead letter instead.
 */
export function decideGroup(items: readonly Item[], state: GroupState, service: string, now: Date): Outcome {
  const outcome: Outcome = { decided: [], failed: [], deferred: [] };
  const stuck = new Set<string>();
  state.now = now;
  for (const item of items) {
    if (stuck.has(item.orderKey)) {
      outcome.deferred.push(item);
      continue;
    }
    const result = decide(item, state, service, now);
    if ('code' in result) {
      stuck.add(item.orderKey);
      outcome.failed.push({ item, failure: result });
      continue;
    }
    for (const event of result.events) state.apply(event);
    outcome.decided.push(result);
  }
  return outcome;
}

function decide(item: Item, state: GroupState, service: string, now: Date): Decided | Failure {
  try {
    if (item.refusal) return giveUp(item, item.refusal, now);
    return accept(item, item.handler.instance.handle(item.message, state), service, now);
  } catch (error) {
    const failure = failureOf(error);
    if (item.caller || (!failure.permanent && item.attempts + 1 < ATTEMPTS_MAX)) return failure;
    return giveUp(item, failure, now);
  }
}

function giveUp(item: Item, failure: Failure, now: Date): Decided {
  const emission = deadLetterOf(item, failure, now);
  // The one message whose causal chain may be too long is the dead letter that says so.
  const cause = { ...item.message, hops: Math.min(item.message.hops, 62) };
  const step = `${item.handler.name}/dead-letter`;
  const events = [eventOf(emission, decisionId(identityOf(item), step, 0), metadataOf(cause, step), now)];
  return { item, emissions: [emission], events, timers: [], failure };
}

function accept(item: Item, emissions: readonly Emission[], service: string, now: Date): Decided {
  const events: DomainEvent[] = [];
  const timers: NewTimer[] = [];
  const { name, emits } = item.handler;
  const metadata = metadataOf(item.message, name);
  emissions.forEach((emission, index) => {
    if (!emits.includes(emission.contract)) {
      throw new Permanent(
        'NOT_DECLARED',
        `${name} returned ${emission.contract.type}; add it to emits of its @Handles`,
      );
    }
    checkEncodable(emission, service);
    const id = decisionId(identityOf(item), name, index);
    if (emission.dueAt) timers.push(timerOf(emission, emission.dueAt, id, metadata));
    else events.push(eventOf(emission, id, metadata, now));
  });
  return { item, emissions, events, timers };
}

/** What makes the ids of a decision: a reused id with other bytes is another cause, or its refusal could not be stored. */
export function identityOf(item: Item): string {
  return item.inbox?.id ?? item.message.id;
}

function timerOf(emission: Emission, dueAt: Date, id: string, metadata: Metadata): NewTimer {
  if (emission.contract.kind !== 'internal') {
    throw new Permanent(
      'TIMER_NOT_INTERNAL',
      `${emission.contract.type} is ${emission.contract.kind}; a timer carries an internal contract`,
    );
  }
  const { contract, data } = emission;
  return { id, dueAt, type: contract.type, data: toJson(contract, data) as object, metadata };
}

/** Refusal is at append: what Avro or the topic could not take never reaches the store, which refuses what it can't hold. */
function checkEncodable(emission: Emission, service: string): void {
  const bytes = encode(emission.contract, emission.data).length;
  // What is never published has no topic to fit.
  if (emission.contract.kind === 'internal') return;
  const bytesMax = topicOfName(topicOf(emission.contract, service)).maxMessageBytes - ENVELOPE_BYTES;
  if (bytes > bytesMax) {
    throw new Permanent('TOO_LARGE', `${emission.contract.type} has ${bytes} bytes, its topic takes ${bytesMax}`);
  }
}

/** Room for headers and for what encryption adds. */
const ENVELOPE_BYTES = 4_096;

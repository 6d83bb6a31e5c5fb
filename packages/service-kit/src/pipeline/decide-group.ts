import { encode, toJson } from '@towpath/contracts/codec';
import { topicOf } from '@towpath/contracts/contract';
import type { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { topicOfName } from '@towpath/contracts/topics';
import type { DomainEvent, Metadata, NewTimer } from '@towpath/event-store/types';
import type { Lane } from '@towpath/event-store/held-types';
import type { ActAuthority } from '../agents/act-authority.js';
import type { Emission } from '../message.js';
import { Permanent } from '../permanent.js';
import { deadLetterOf, failureOf } from './failure.js';
import type { GroupState } from './group-state.js';
import { turnOf, type HeldKeys, type Turn } from './hold.decider.js';
import type { Failure, Item } from './item.js';
import { heldAgainst, isSettled } from './restored-decision.js';
import { afterFailure } from './retry.decider.js';
import { decisionId, eventOf, metadataOf, metadataOfEach, refuseLoop } from './story.js';

/** A message with everything its decision appends. */
export interface Decided {
  readonly item: Item;
  readonly emissions: readonly Emission[];
  readonly events: readonly DomainEvent[];
  readonly timers: readonly NewTimer[];
  /** set when what is appended is its dead letter */
  readonly failure?: Failure;
  /** by id: events that are appended as they were before a restore, personal data encrypted */
  readonly asBefore?: ReadonlyMap<string, DomainEvent>;
}

/** A message that waits from now on. */
export interface Waiting {
  readonly item: Item;
  readonly lane: Lane;
  readonly delayMs: number;
  /** set when it was tried: why it failed, and which retry comes next */
  readonly tried?: { readonly failure: Failure; readonly retry: number };
}

export interface Outcome {
  readonly decided: Decided[];
  readonly waiting: Waiting[];
  /** the service's own decisions that failed: their callers are told */
  readonly rejected: { readonly item: Item; readonly failure: Failure }[];
}

/** What a group is decided with besides its state. */
export interface Circumstances {
  readonly service: string;
  readonly now: Date;
  readonly held: HeldKeys;
  /** judges what agents ask for */
  readonly acts?: Pick<ActAuthority, 'authorise'>;
  /** from [0, 1), for the pauses before retries */
  random(): number;
}

/**
 * Decides every message in order. A failing one takes only itself and later messages of its key out of the group: they wait.
 * A permanent failure, or the last try's, appends the dead letter instead.
 */
export function decideGroup(items: readonly Item[], state: GroupState, around: Circumstances): Outcome {
  const outcome: Outcome = { decided: [], waiting: [], rejected: [] };
  const keys = new Map(around.held);
  state.now = around.now;
  for (const item of items) {
    const turn = turnAmong(item, keys);
    if (turn !== 'decide') {
      outcome.waiting.push({ item, lane: turn === 'work' ? 'queued' : 'inline', delayMs: 0 });
      continue;
    }
    const result = decide(item, state, around);
    if ('code' in result) outcome.rejected.push({ item, failure: result });
    else if ('delayMs' in result) outcome.waiting.push(result);
    else {
      for (const event of result.events) state.apply(event);
      outcome.decided.push(result);
    }
    const stoppedBy = stoppedByOf(result);
    if (laneOf(item) === 'inline' && stoppedBy !== undefined) keys.set(item.orderKey, stoppedBy);
  }
  return outcome;
}

/** Workers have an order of their own. */
const NOT_HELD: HeldKeys = new Map();

function turnAmong(item: Item, keys: HeldKeys): Turn {
  return isSettled(item) ? 'decide' : turnOf(comerOf(item), laneOf(item) === 'inline' ? keys : NOT_HELD);
}

function comerOf(item: Item) {
  const { orderKey, handler, redrive, held, work, refusal } = item;
  return {
    orderKey,
    claimed: held !== undefined,
    redrives: redrive?.deadLetterId ?? null,
    unworked: handler.queued !== undefined && !work && !refusal,
  };
}

/** The lane in which a message waits. */
export function laneOf({ handler }: Item): Lane {
  return handler.queued ? 'queued' : 'inline';
}

/** The dead letter that stops the key from here on, null when a retry holds it, undefined when nothing does. */
function stoppedByOf(result: Decided | Waiting | Failure): string | null | undefined {
  if ('code' in result) return undefined;
  return 'delayMs' in result ? null : stopOf(result);
}

/** The id of the dead letter by which a strict handler stops its key. */
export function stopOf({ item, failure, emissions }: Decided): string | undefined {
  if (!failure || !item.handler.strict) return undefined;
  return (emissions[0] as Emission<typeof DeadLettered>).data.deadLetterId;
}

/** After a restore a decision has to find what it found the first time, also in rows that others write. */
function waitForEarlier(item: Item): Waiting {
  const failure = { code: 'RESTORE_WAITS', message: 'an earlier decision comes first', stack: null, permanent: false };
  const tried = item.held && { tried: { failure, retry: item.attempts + 1 } };
  return { item, lane: laneOf(item), delayMs: RESTORE_WAIT_MS, ...tried };
}

/** After a restore: at the time of the first decision, held against what it came to. */
function decideAgain(item: Item, state: GroupState, around: Circumstances): Decided | Waiting | Failure {
  if (isSettled(item)) return { item, emissions: [], events: [], timers: [] };
  const now = item.restored![0]!.occurredAt;
  state.now = now;
  const result = decideOnce(item, state, { ...around, now });
  state.now = around.now;
  if (!('events' in result) || result.failure) return result;
  const again = heldAgainst(item, result);
  return 'code' in again ? afterFailing(item, again, around) : again;
}

function decide(item: Item, state: GroupState, around: Circumstances): Decided | Waiting | Failure {
  if (item.early && !isSettled(item)) return waitForEarlier(item);
  return item.restored ? decideAgain(item, state, around) : decideOnce(item, state, around);
}

function decideOnce(item: Item, state: GroupState, around: Circumstances): Decided | Waiting | Failure {
  try {
    if (item.refusal) return afterFailing(item, item.refusal, around);
    const { name, contract, instance } = item.handler;
    refuseLoop(item.message, name, contract);
    return accept(item, instance.handle(item.message, state, item.work?.result), around);
  } catch (error) {
    return afterFailing(item, failureOf(error), around);
  }
}

function afterFailing(item: Item, failure: Failure, { now, random }: Circumstances): Decided | Waiting | Failure {
  if (item.caller) return failure;
  const verdict = afterFailure(item.attempts + 1, failure.permanent, item.handler.retry, random());
  if (verdict.next === 'dead-letter') return giveUp(item, failure, now);
  return { item, lane: laneOf(item), delayMs: verdict.delayMs, tried: { failure, retry: verdict.retry } };
}

function giveUp(item: Item, failure: Failure, now: Date): Decided {
  const emission = deadLetterOf(item, failure, now);
  const step = `${item.handler.name}/dead-letter`;
  const events = [eventOf(emission, decisionId(identityOf(item), step, 0), metadataOf(item.message, step), now)];
  return { item, emissions: [emission], events, timers: [], failure };
}

function accept(item: Item, emissions: readonly Emission[], around: Circumstances): Decided {
  const { service, now } = around;
  const events: DomainEvent[] = [];
  const timers: NewTimer[] = [];
  const { name, emits } = item.handler;
  const metadataOfOne = metadataOfEach(metadataOf(item.message, name, item.work?.notes), item.message);
  emissions.forEach((emission, index) => {
    if (!emits.includes(emission.contract)) {
      throw new Permanent(
        'NOT_DECLARED',
        `${name} returned ${emission.contract.type}; add it to emits of its @Handles`,
      );
    }
    checkEncodable(emission, service);
    const id = emission.id ?? decisionId(identityOf(item), name, index);
    const metadata = authorised(item, emission, metadataOfOne(emission), around.acts);
    if (emission.dueAt) timers.push(timerOf(emission, emission.dueAt, id, metadata));
    else events.push(eventOf(emission, id, metadata, now));
  });
  return { item, emissions, events, timers };
}

/**
 * The metadata with the proof of the agent that asks for this command: the one that the handler names, or the one that ran in its work.
 * A command never leaves an agent's work without one. Throws `Permanent` with the gate's code.
 */
function authorised(item: Item, emission: Emission, metadata: Metadata, acts: Circumstances['acts']): Metadata {
  const { message: cause, work } = item;
  const agent = emission.by ?? work?.notes?.agents.at(-1);
  if (!agent || emission.contract.kind !== 'command' || !acts) return metadata;
  return { ...metadata, ...acts.authorise({ agent, emission, taint: metadata.taint, cause }) };
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

const RESTORE_WAIT_MS = 200;

/** Room for headers and for what encryption adds. */
const ENVELOPE_BYTES = 4_096;

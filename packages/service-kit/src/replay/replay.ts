import type { NewTimer, StoredRow } from '@towpath/event-store/types';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { decideGroup, identityOf } from '../pipeline/decide-group.js';
import { doWork } from '../pipeline/do-work.js';
import { failureOf } from '../pipeline/failure.js';
import { GroupState } from '../pipeline/group-state.js';
import { queryOf } from '../pipeline/group-query.js';
import type { Item } from '../pipeline/item.js';
import { openStreams } from '../pipeline/opened.js';
import { differences, subjectsIn, type Comparable, type Difference } from './compare-decisions.js';
import { eventsOfStory, eventsOfTransactions, positionAtReceipt, type PastEvent } from './past-events.js';
import { PastInstant } from './past-instant.js';
import { rowsAt } from './past-rows.js';
import type { PastService } from './past-service.js';
import { decisionsOfRuns, runDifferences } from './replayed-runs.js';
import { possiblyBefore } from './possibly-before.js';
import { recordOf, type ReplayMessage } from './replay-message.js';

/** What a replay of one message came to. */
export interface Verdict {
  /** id of the message */
  readonly message: string;
  readonly type: string;
  readonly handler: string;
  /**
   * `unseen`: the service has not received it; `archived`: what it led to, or what it looked at, has left the store; `failed`: it could
   * not be decided again, `detail` says why
   */
  readonly verdict: 'same' | 'differs' | 'failed' | 'unseen' | 'archived';
  /** how many messages and events it led to */
  readonly events: number;
  /** who decided, where an agent did */
  readonly decidedBy?: string;
  readonly differences: readonly Difference[];
  readonly detail?: string;
}

/** What a replay works with. */
export type ReplayOptions = Pick<
  PastService,
  'service' | 'store' | 'vault' | 'folds' | 'handlers' | 'inbound' | 'schemaIdOf'
>;

interface Planned {
  readonly item: Item;
  readonly own: readonly PastEvent[];
  /** where the log stood; undefined when the message never came */
  readonly position: string | undefined;
}

type PastRows = ReadonlyMap<string, StoredRow>;

/** Timers that set timers end, as chains of causes do. */
const ROUNDS_MAX = 64;

/**
 * Decides messages of a story again, each with the state its service had and at the time it had, by the code and the settings of
 * now, and compares. Agents go over their recorded steps; what they ask a model is answered from the record. Nothing is written.
 */
export class Replay {
  private readonly stories = new Map<string, readonly PastEvent[]>();

  constructor(private readonly options: ReplayOptions) {}

  /** One verdict for each message that the service handles, and for each timer that such a decision set and that fired. */
  async *verdicts(messages: readonly ReplayMessage[]): AsyncGenerator<Verdict> {
    let items = await this.itemsOf(messages);
    for (let round = 0; items.length > 0 && round < ROUNDS_MAX; round += 1) {
      const plans = await Promise.all(items.map((item) => this.planned(item)));
      const rows = await this.rowsOf(plans);
      const timers: NewTimer[] = [];
      for (const [place, plan] of plans.entries()) {
        const { verdict, set } = await this.decideAgain(plan, rows[place]!);
        timers.push(...set);
        yield verdict;
      }
      items = await this.firedOf(timers);
    }
  }

  private async itemsOf(messages: readonly ReplayMessage[]): Promise<Item[]> {
    const { handlers, inbound, schemaIdOf } = this.options;
    const items: Item[] = [];
    for (const message of messages) {
      const record = recordOf(message, schemaIdOf);
      for (const handler of handlers.get(record.headers['ce_type'] ?? '') ?? [])
        items.push(await inbound.itemOfRecord(record, handler));
    }
    return items;
  }

  private async firedOf(timers: readonly NewTimer[]): Promise<Item[]> {
    const items: Item[] = [];
    for (const timer of timers) {
      const story = await this.storyOf(timer.metadata.correlationId);
      if (!story.some(({ metadata }) => metadata.causationId === timer.id)) continue;
      items.push(...(await this.options.inbound.itemsOfTimers([timer])));
    }
    return items;
  }

  private async storyOf(correlationId: string): Promise<readonly PastEvent[]> {
    const known = this.stories.get(correlationId) ?? (await eventsOfStory(this.options.store, correlationId));
    this.stories.set(correlationId, known);
    return known;
  }

  private async planned(item: Item): Promise<Planned> {
    const { message, handler } = item;
    const story = await this.storyOf(message.correlationId);
    const steps = [handler.name, `${handler.name}/dead-letter`];
    const isOwn = ({ metadata }: PastEvent) => metadata.causationId === message.id && steps.includes(metadata.handler);
    const inStory = story.filter(isOwn);
    // A long process that a person steers goes on in its own story, in the same transaction.
    const beside = await this.besides(inStory);
    const elsewhere = beside.filter(isOwn);
    const own = elsewhere.length === 0 ? inStory : [...inStory, ...elsewhere].sort(byPosition);
    // Within a transaction the log has the order of streams, not of decisions: what is before the first of all was before each.
    const [first] = [...own.slice(0, 1), ...beside.slice(0, 1)].sort(byPosition);
    const position = first?.position ?? (await positionAtReceipt(this.options.store, identityOf(item)));
    return { item, own, position };
  }

  private rowsOf(plans: readonly Planned[]) {
    const { store, folds, service } = this.options;
    const wanted = plans.map(({ item, position }) => ({
      position: position ?? '0',
      rows: position === undefined ? [] : queryOf([item], service).rows,
    }));
    return rowsAt(store, folds, wanted);
  }

  private async decideAgain(plan: Planned, rows: PastRows) {
    const { item, own, position } = plan;
    const { message, handler } = item;
    const about = { message: message.id, type: message.type, handler: handler.name, events: own.length };
    const ended = (verdict: Verdict['verdict'], detail: string) => ({
      verdict: { ...about, verdict, detail, differences: [] } satisfies Verdict,
      set: [] as readonly NewTimer[],
    });
    if (position === undefined) return ended('unseen', `${this.options.service} has not received it`);
    if (own.some(({ archived }) => archived)) return ended('archived', 'what it led to has left the store');
    try {
      const { decided, found, decidedBy } = await this.closest(plan, position, rows);
      const verdict = found.length === 0 ? 'same' : 'differs';
      return {
        verdict: { ...about, verdict, differences: found, ...(decidedBy && { decidedBy }) } satisfies Verdict,
        set: decided,
      };
    } catch (error) {
      const { code, message: why } = failureOf(error);
      return ended('failed', why.startsWith(code) ? why : `${code}: ${why}`);
    }
  }

  /**
   * Messages that were decided in one transaction saw one another, in an order that is written nowhere: the decision is tried with what
   * may have come before it, and the try that comes closest counts.
   */
  private async closest(plan: Planned, position: string, rows: PastRows) {
    const { item, own } = plan;
    const now = own[0]?.occurredAt ?? item.message.time;
    const stateWith = await this.pastState(item, position, { rows, now });
    const worked = await this.worked(item, stateWith([]));
    const agents = await this.agentsOf(item.message.correlationId);
    const beside = await this.besides(own);
    let best: { found: Difference[]; decided: readonly NewTimer[] } | undefined;
    for (const others of possiblyBefore(beside)) {
      const { decision, found } = await this.tried(worked, own, stateWith(others));
      const all = [...agents.found, ...found];
      if (!best || all.length < best.found.length) best = { found: all, decided: decision?.timers ?? [] };
      if (all.length === 0) break;
    }
    return { ...best!, decidedBy: agents.decidedBy };
  }

  /** Makes states as they were at a position of the log, with further events after it. */
  private async pastState(item: Item, position: string, { rows, now }: { rows: PastRows; now: Date }) {
    const { store, folds, service, vault } = this.options;
    // Work that reads the store by itself sees no future either.
    store.show(new PastInstant(store, folds, position));
    const { streams, rows: refs, opens } = queryOf([item], service);
    const loaded = {
      ...{ seen: new Map<string, Buffer>(), held: new Map<string, string | null>(), rows: new Map(rows) },
      streams: await store.readStreams(streams),
    };
    const readable = await openStreams(opens, loaded, vault);
    return (events: readonly PastEvent[]) => {
      const state = new GroupState(loaded, refs, folds, readable);
      for (const event of events) state.apply(event);
      state.now = now;
      return state;
    };
  }

  private async tried(item: Item, own: readonly PastEvent[], state: GroupState) {
    const { service } = this.options;
    const around = { service, now: state.now, held: new Map<string, string | null>(), random: () => 0 };
    const [decision] = decideGroup([item], state, around).decided;
    const found = await this.compared(own, decision?.events ?? [], decision?.failure?.code);
    return { decision, found };
  }

  private async besides(own: readonly PastEvent[]): Promise<readonly PastEvent[]> {
    const [first] = own;
    if (!first) return [];
    const at = BigInt(first.position);
    const range = {
      from: String(at - GROUP_EVENTS_MAX > 0n ? at - GROUP_EVENTS_MAX : 0n),
      to: String(at + GROUP_EVENTS_MAX),
    };
    const ids = new Set(own.map(({ id }) => id));
    const events = await eventsOfTransactions(this.options.store, range, first.xact);
    return events.filter(({ id, archived }) => !ids.has(id) && !archived);
  }

  /** With what the work of a queued handler gives now. Its failure is the message's, as ever, and is not tried again. */
  private worked(item: Item, state: GroupState): Promise<Item> {
    const last = { ...item, attempts: item.handler.retry.retries };
    return doWork(last, state, new AbortController().signal);
  }

  private async agentsOf(story: string) {
    const replayed = decisionsOfRuns(this.options.store.taken());
    if (replayed.length === 0) return { found: [], decidedBy: undefined };
    const recorded = decisionsOfRuns(await this.storyOf(story));
    const keys = await this.options.vault.keysFor(subjectsIn([...recorded, ...replayed]));
    return runDifferences(recorded, replayed, keys);
  }

  private async compared(own: readonly PastEvent[], events: readonly Comparable[], failure: string | undefined) {
    const [letter] = own;
    if (letter?.type === DeadLettered.type && failure !== undefined) {
      const { reason } = letter.data as { readonly reason: string };
      return reason === failure ? [] : [{ place: `${DeadLettered.type}.reason`, recorded: reason, replayed: failure }];
    }
    const keys = await this.options.vault.keysFor(subjectsIn([...own, ...events]));
    return differences(own, events, keys);
  }
}

/** More events than one group commits. */
const GROUP_EVENTS_MAX = 5_000n;

function byPosition(one: PastEvent, other: PastEvent): number {
  return Number(BigInt(one.position) - BigInt(other.position));
}

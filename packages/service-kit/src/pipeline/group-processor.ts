import type { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { InboxConflict, LeaseLost, StoreRefusal, VersionConflict } from '@towpath/event-store/errors';
import type { HeldWrite, Lane } from '@towpath/event-store/held-types';
import type { DomainEvent, EventStore, GroupCommit, LoadedGroup, LockedGroup } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import type { ActAuthority } from '../agents/act-authority.js';
import type { Folds } from '../folds.js';
import { about, type Logger } from '../logger.js';
import type { DecisionState } from '../handles.js';
import type { Received } from '../message.js';
import { endSpan, type MessageSpans } from '../tracing/message-spans.js';
import { countRepeats, dropRepeats, inboxRowOf } from './drop-repeats.js';
import { forgettable, withForgotten } from './forgotten.js';
import { decideGroup, type Decided, type Outcome, type Waiting } from './decide-group.js';
import { GroupState } from './group-state.js';
import { placeOf } from './failure.js';
import { queryOf } from './group-query.js';
import { heldWrites } from './holding.js';
import type { Item } from './item.js';
import type { PipelineMetrics } from './pipeline-metrics.js';
import { openStreams } from './opened.js';
import { seal } from './seal.js';

export interface GroupProcessorOptions {
  readonly service: string;
  /** the group whose inbox and order these are; default: the service's own */
  readonly consumer?: string;
  readonly store: EventStore;
  readonly vault: Vault;
  readonly folds: Folds;
  readonly metrics: PipelineMetrics;
  readonly logger: Logger;
  /** absent while nothing is traced */
  readonly spans?: MessageSpans | undefined;
  /** told the earliest timer a commit wrote */
  onTimer(dueAt: Date): void;
  /** told of each dead letter that was committed */
  onDeadLetter?(cause: Received, letter: DeadLettered): void;
  /** told of each commit that changed what waits: who waits from now on in which lane, and for how long at least */
  onHeld?(waiting: readonly { readonly lane: Lane; readonly delayMs: number }[]): void;
  /** after a restore: the items with what they led to before */
  restored?(items: readonly Item[]): Promise<readonly Item[]>;
  /** judges what agents ask for */
  readonly acts?: Pick<ActAuthority, 'authorise'>;
  now?(): Date;
  /** from [0, 1) */
  random?(): number;
}

/** Conflicts with other replicas after which a group is read with the other writers held back. */
const CONFLICTS_BEFORE_LOCK = 2;
const CONFLICTS_MAX = 6;
/**
 * The processing rule (DESIGN §6): one read, decisions in memory in the order of arrival, one write. It processes one
 * group at a time; see `GroupQueue` for how groups form.
 */
export class GroupProcessor {
  constructor(private readonly options: GroupProcessorOptions) {}

  /**
   * Resolves when every message is durably handled: decided, recognised as a repeat, put with those that wait, or a dead letter.
   * On content that Postgres refuses the group is halved until the culprit is alone; that one becomes a dead letter.
   */
  async process(items: readonly Item[]): Promise<void> {
    try {
      await this.commit(items);
    } catch (error) {
      if (!(error instanceof StoreRefusal)) throw error;
      const [only, ...others] = items;
      if (only && others.length === 0) return this.refuse(only, error);
      const half = Math.ceil(items.length / 2);
      await this.process(items.slice(0, half));
      await this.process(items.slice(half));
    }
  }

  /** What the reads of a message name, as it is now and without a claim to stay so; for work before its decision. */
  async stateFor(item: Item): Promise<DecisionState> {
    const { store, folds, vault } = this.options;
    const { streams, rows, opens } = queryOf([item], this.consumer);
    const group = await store.loadGroup({ consumer: this.consumer, ids: [], streams, rows });
    const state = new GroupState(group, rows, folds, await openStreams(opens, group, vault));
    state.now = this.now();
    return state;
  }

  private async refuse(item: Item, error: StoreRefusal): Promise<void> {
    if (item.caller) return item.caller.reject(error);
    // Its dead letter was refused too.
    if (item.refusal?.code === error.code) throw error;
    item.refusal = { code: error.code, message: error.message, stack: error.stack ?? null, permanent: true };
    await this.commit([item]);
  }

  private async commit(items: readonly Item[]): Promise<void> {
    let open = items;
    for (let conflicts = 0; open.length > 0; conflicts += 1) {
      try {
        return await this.attempt(open, conflicts >= CONFLICTS_BEFORE_LOCK);
      } catch (error) {
        const lost = error instanceof LeaseLost ? error.seqs : [];
        const conflict = lost.length > 0 || error instanceof VersionConflict || error instanceof InboxConflict;
        if (!conflict || conflicts >= CONFLICTS_MAX) throw error;
        if (lost.length > 0) this.options.logger.warn({ seqs: lost }, 'held.lease-lost');
        else this.options.logger.debug({ err: error }, 'group.conflict');
        open.filter((item) => isLost(item, lost)).forEach((item) => endSpan(item, 'rejected', 'LEASE_LOST'));
        open = open.filter((item) => !isLost(item, lost));
      }
    }
  }

  private async attempt(items: readonly Item[], locked: boolean): Promise<void> {
    const startedAt = performance.now();
    const { store } = this.options;
    const query = queryOf(items, this.consumer);
    const held = locked ? await store.loadGroupLocked(query) : undefined;
    try {
      const group = held?.group ?? (await store.loadGroup(query));
      const { fresh, repeats } = dropRepeats(items, await this.seen(items, group));
      const asked = this.options.restored ? await this.options.restored(fresh) : fresh;
      const { state, outcome } = await this.decide(asked, group, query);
      const commit = await this.commitOf(outcome, repeats, state);
      await this.write(held ?? { commit: (one) => store.commitGroup(one) }, commit, items);
      for (const { item, failure } of outcome.rejected) {
        endSpan(item, 'rejected', failure.code);
        item.caller?.reject(Object.assign(new Error(failure.message), { code: failure.code }));
      }
      this.keepSnapshots(state);
      this.report(outcome.decided, repeats, commit, (performance.now() - startedAt) / 1000);
      this.tellTimers(commit, state.now);
      this.reportWaiting(outcome.waiting, commit.held ?? []);
    } finally {
      await held?.release();
    }
  }

  /** Beside the path: nobody waits for a cache, and without one streams are folded whole. */
  private keepSnapshots(state: GroupState): void {
    const { store, logger } = this.options;
    for (const snapshot of state.snapshots()) {
      store.keepSnapshot(snapshot).catch((error: unknown) => logger.debug({ err: error }, 'snapshot.not-kept'));
    }
  }

  private async write(store: Pick<LockedGroup, 'commit'>, commit: GroupCommit, items: readonly Item[]): Promise<void> {
    const ended = this.options.spans?.commit(items, this.options.store.schema);
    try {
      await store.commit(commit);
      ended?.();
    } catch (error) {
      ended?.(error as Error);
      throw error;
    }
  }

  /** Marks are read after the inbox: a row that was dropped in between is in one of them. */
  private async seen(items: readonly Item[], group: LoadedGroup): Promise<ReadonlyMap<string, Buffer>> {
    const old = forgettable(items, this.now());
    if (old.length === 0) return group.seen;
    const keys = old.map(({ inbox }) => inbox!.mark!.key);
    return withForgotten(group.seen, old, await this.options.store.inboxMarks(this.consumer, keys));
  }

  private async decide(
    fresh: readonly Item[],
    group: LoadedGroup,
    { rows, opens }: ReturnType<typeof queryOf>,
  ): Promise<{ state: GroupState; outcome: Outcome }> {
    const { store, service, folds, vault } = this.options;
    const state = new GroupState(group, rows, folds, await openStreams(opens, group, vault));
    const { acts, random = Math.random } = this.options;
    const around = { service, now: this.now(group), held: group.held, random, ...(acts && { acts }) };
    const outcome = decideGroup(fresh, state, around);
    const missing = state.missingRows();
    if (missing.length > 0) {
      state.addLate(await store.loadGroup({ consumer: this.consumer, ids: [], streams: [], rows: missing }));
    }
    return { state, outcome };
  }

  private async commitOf(outcome: Outcome, repeats: readonly Item[], state: GroupState): Promise<GroupCommit> {
    const { service, vault } = this.options;
    const { decided, waiting } = outcome;
    const handled = [...decided, ...waiting].map(({ item }) => item);
    const events = asBefore(
      decided,
      await seal(
        decided.flatMap((one) => one.events),
        vault,
      ),
    );
    return {
      consumer: this.consumer,
      inbox: handled.flatMap((item) => (item.inbox && !item.held ? [inboxRowOf(item, item.inbox)] : [])),
      repeats: countRepeats(repeats),
      events: events.map((event) => ({
        ...event,
        data: event.data as object,
        expectedVersion: state.expectedVersion(event.stream),
      })),
      rows: state.writes(),
      timers: await seal(
        decided.flatMap((one) => one.timers),
        vault,
      ),
      firedTimers: [...handled, ...repeats].flatMap(({ timer }) => timer?.id ?? []),
      held: await heldWrites(outcome, service, vault),
    };
  }

  private report(decided: readonly Decided[], repeats: readonly Item[], commit: GroupCommit, seconds: number): void {
    const { metrics, logger } = this.options;
    metrics.group(decided.length, seconds);
    const ms = Math.round(seconds * 1e5) / 100;
    const nowMs = Date.now();
    for (const one of decided) {
      const { item, emissions, failure } = one;
      const { message, handler, caller } = item;
      caller?.resolve(emissions);
      metrics.message(item, failure ? 'dead-letter' : 'decided');
      metrics.ages(one, nowMs);
      if (failure) {
        metrics.deadLetter(handler.name, failure.code);
        endSpan(item, 'dead-letter', failure.code);
        const line = { ...about(message), handler: handler.name, code: failure.code, place: placeOf(failure.stack) };
        logger.error({ ...line, outcome: 'dead-letter' }, 'event.failed');
        this.options.onDeadLetter?.(message, emissions[0]!.data as DeadLettered);
        continue;
      }
      endSpan(item, 'decided');
      const emitted = emissions.map(({ contract }) => contract.name);
      logger.info({ ...about(message), handler: handler.name, emitted, ms }, 'event.processed');
    }
    for (const repeat of repeats) {
      endSpan(repeat, 'repeat');
      metrics.message(repeat, 'repeat');
      logger.info({ ...about(repeat.message), outcome: 'repeat' }, 'event.processed');
    }
  }

  /** Timers are told of by this process's clock, which may differ from the database's by which they are due. */
  private tellTimers({ timers = [] }: GroupCommit, decidedAt: Date): void {
    if (timers.length === 0) return;
    const earliest = timers.reduce((least, { dueAt }) => Math.min(least, dueAt.getTime()), Infinity);
    this.options.onTimer(new Date(Date.now() + earliest - decidedAt.getTime()));
  }

  private reportWaiting(waiting: readonly Waiting[], held: readonly HeldWrite[]): void {
    const { metrics, logger } = this.options;
    for (const { item, lane, delayMs, tried } of waiting) {
      const line = { ...about(item.message), handler: item.handler.name };
      if (!tried) {
        endSpan(item, 'held');
        metrics.message(item, 'held');
        logger.info({ ...line, lane }, 'event.held');
        continue;
      }
      const { failure, retry } = tried;
      endSpan(item, 'retry', failure.code);
      metrics.message(item, 'retry');
      metrics.retry(item.handler.name, failure.code);
      logger.warn(
        { ...line, code: failure.code, place: placeOf(failure.stack), outcome: 'retry' },
        `retry ${retry}/${item.handler.retry.retries} in ${(delayMs / 1_000).toFixed(1)} s: ${failure.code}`,
      );
    }
    if (held.length > 0) this.options.onHeld?.(waiting.map(({ lane, delayMs }) => ({ lane, delayMs })));
  }

  private get consumer(): string {
    return this.options.consumer ?? this.options.service;
  }

  /** The database's clock where it told, so that replicas whose clocks differ decide at one time, and timers are due by it. */
  private now({ now }: Pick<LoadedGroup, 'now'> = {}): Date {
    return this.options.now?.() ?? now ?? new Date();
  }
}

/** Another worker has taken it over. */
function isLost({ held }: Item, lost: readonly string[]): boolean {
  return held !== undefined && lost.includes(held.seq);
}

/** Encrypted anew, an event would not be the one that is out. */
function asBefore(decided: readonly Decided[], events: readonly DomainEvent[]): readonly DomainEvent[] {
  const known = new Map(decided.flatMap((one) => [...(one.asBefore ?? [])]));
  return known.size === 0 ? events : events.map((event) => known.get(event.id) ?? event);
}

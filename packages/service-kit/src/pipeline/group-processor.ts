import type { Projection } from '@towpath/event-store/projection';
import { InboxConflict, StoreRefusal, VersionConflict } from '@towpath/event-store/errors';
import type { EventStore, GroupCommit, GroupQuery, LoadedGroup, RowRef } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { about, type Logger } from '../logger.js';
import type { PipelineMetrics } from '../metrics.js';
import { countRepeats, dropRepeats, inboxIdsOf } from './drop-repeats.js';
import { decideGroup, type Decided, type Outcome } from './decide-group.js';
import { GroupState } from './group-state.js';
import type { Failure, Item } from './item.js';
import { seal } from './seal.js';

export interface GroupProcessorOptions {
  readonly service: string;
  readonly store: EventStore;
  readonly vault: Vault;
  readonly projections: readonly Projection<unknown>[];
  readonly metrics: PipelineMetrics;
  readonly logger: Logger;
  /** told the earliest timer a commit wrote */
  onTimer(dueAt: Date): void;
  now?(): Date;
}

/** Conflicts with other replicas after which a group is read with the other writers held back. */
const CONFLICTS_BEFORE_LOCK = 2;
const CONFLICTS_MAX = 6;
/** Pauses before a failing message is decided again alone; together they stay below 200 ms. */
const RETRY_MS = [15, 60] as const;

/**
 * The processing rule (DESIGN §6): one read, decisions in memory in the order of arrival, one write. It processes one
 * group at a time; see `GroupQueue` for how groups form.
 */
export class GroupProcessor {
  constructor(private readonly options: GroupProcessorOptions) {}

  /** Resolves when every message is durably handled: decided, recognised as a repeat, or a dead letter. */
  async process(items: readonly Item[]): Promise<void> {
    let open = [...items];
    while (open.length > 0) {
      const { failed, deferred } = await this.halving(open);
      for (const { item, failure } of failed) await this.alone(item, failure);
      open = deferred;
    }
  }

  /** Decides a failing message again by itself until it succeeds, becomes a dead letter, or its caller is told. */
  private async alone(item: Item, failure: Failure): Promise<void> {
    if (item.caller) {
      item.caller.reject(Object.assign(new Error(failure.message), { code: failure.code }));
      return;
    }
    let last: Failure | undefined = failure;
    while (last) {
      this.options.logger.warn({ ...about(item.message), handler: item.handler.name, err: last }, 'event.failed');
      item.firstFailedAt ??= this.now();
      await pause(RETRY_MS[item.attempts] ?? 0);
      item.attempts += 1;
      last = (await this.halving([item])).failed[0]?.failure;
    }
  }

  /** On content that Postgres refuses the group is halved until the culprit is alone; that one becomes a dead letter. */
  private async halving(items: readonly Item[]): Promise<Pick<Outcome, 'failed' | 'deferred'>> {
    try {
      return await this.commit(items);
    } catch (error) {
      if (!(error instanceof StoreRefusal)) throw error;
      const [only, ...others] = items;
      if (others.length === 0 && only) {
        if (only.refusal) throw error;
        only.refusal = { code: error.code, message: error.message, stack: error.stack ?? null, permanent: true };
        if (!only.caller) return this.commit([only]);
        return { failed: [{ item: only, failure: only.refusal }], deferred: [] };
      }
      const half = Math.ceil(items.length / 2);
      const first = await this.halving(items.slice(0, half));
      const stuck = new Set([
        ...first.failed.map(({ item }) => item.orderKey),
        ...first.deferred.map((i) => i.orderKey),
      ]);
      const rest = items.slice(half);
      const second = await this.halving(rest.filter(({ orderKey }) => !stuck.has(orderKey)));
      return {
        failed: [...first.failed, ...second.failed],
        deferred: [...first.deferred, ...rest.filter(({ orderKey }) => stuck.has(orderKey)), ...second.deferred],
      };
    }
  }

  private async commit(items: readonly Item[]): Promise<Pick<Outcome, 'failed' | 'deferred'>> {
    if (items.length === 0) return { failed: [], deferred: [] };
    for (let conflicts = 0; ; conflicts += 1) {
      try {
        return await this.attempt(items, conflicts >= CONFLICTS_BEFORE_LOCK);
      } catch (error) {
        const conflict = error instanceof VersionConflict || error instanceof InboxConflict;
        if (!conflict || conflicts >= CONFLICTS_MAX) throw error;
        this.options.logger.debug({ err: error }, 'group.conflict');
      }
    }
  }

  private async attempt(items: readonly Item[], locked: boolean): Promise<Pick<Outcome, 'failed' | 'deferred'>> {
    const startedAt = performance.now();
    const { store, service } = this.options;
    const query = queryOf(items, service);
    const held = locked ? await store.loadGroupLocked(query) : undefined;
    try {
      const group = held?.group ?? (await store.loadGroup(query));
      const { fresh, repeats } = dropRepeats(items, group.seen);
      const { state, outcome } = await this.decide(fresh, group, query.rows);
      const commit = await this.commitOf(outcome.decided, repeats, state);
      if (held) await held.commit(commit);
      else await store.commitGroup(commit);
      this.report(outcome.decided, repeats, commit, (performance.now() - startedAt) / 1000);
      return outcome;
    } finally {
      await held?.release();
    }
  }

  private async decide(
    fresh: readonly Item[],
    group: LoadedGroup,
    rows: readonly RowRef[],
  ): Promise<{ state: GroupState; outcome: Outcome }> {
    const { store, service, projections } = this.options;
    const state = new GroupState(group, rows, projections);
    const outcome = decideGroup(fresh, state, service, this.now());
    const missing = state.missingRows();
    if (missing.length > 0) {
      state.addLate(await store.loadGroup({ consumer: service, ids: [], streams: [], rows: missing }));
    }
    return { state, outcome };
  }

  private async commitOf(
    decided: readonly Decided[],
    repeats: readonly Item[],
    state: GroupState,
  ): Promise<GroupCommit> {
    const { service, vault } = this.options;
    const events = await seal(
      decided.flatMap((one) => one.events),
      vault,
    );
    return {
      consumer: service,
      inbox: decided.flatMap(({ item }) =>
        item.inbox ? [{ ...inboxIdsOf(item)[0]!, fingerprint: item.inbox.fingerprint }] : [],
      ),
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
      firedTimers: [...decided.map(({ item }) => item), ...repeats].flatMap(({ timerId }) => timerId ?? []),
    };
  }

  private report(decided: readonly Decided[], repeats: readonly Item[], commit: GroupCommit, seconds: number): void {
    const { metrics, logger } = this.options;
    metrics.group(decided.length, repeats.length, seconds);
    const ms = Math.round(seconds * 1e5) / 100;
    for (const { item, emissions, failure } of decided) {
      const { message, handler, caller } = item;
      caller?.resolve(emissions);
      metrics.age(message.type, (Date.now() - message.time.getTime()) / 1000);
      if (failure) {
        metrics.deadLetter(handler.name, failure.code);
        const line = { ...about(message), handler: handler.name, code: failure.code, detail: failure.message };
        logger.error({ ...line, outcome: 'dead-letter' }, 'event.failed');
        continue;
      }
      const emitted = emissions.map(({ contract }) => contract.name);
      logger.info({ ...about(message), handler: handler.name, emitted, ms }, 'event.processed');
    }
    for (const { message } of repeats) logger.info({ ...about(message), outcome: 'repeat' }, 'event.processed');
    const due = commit.timers?.map(({ dueAt }) => dueAt.getTime()) ?? [];
    if (due.length > 0) this.options.onTimer(new Date(Math.min(...due)));
  }

  private now(): Date {
    return this.options.now?.() ?? new Date();
  }
}

function queryOf(items: readonly Item[], consumer: string): GroupQuery {
  const streams = new Set<string>();
  const rows = new Map<string, RowRef>();
  for (const item of items) {
    if (item.refusal) continue;
    const reads = readsOf(item);
    for (const stream of reads?.streams ?? []) streams.add(stream);
    for (const row of reads?.rows ?? []) rows.set(`${row.name}\u0000${row.key}`, row);
  }
  return { consumer, ids: items.flatMap(inboxIdsOf), streams: [...streams], rows: [...rows.values()] };
}

/** A handler whose `reads` throws fails in `handle` again, where it is dealt with. */
function readsOf(item: Item) {
  try {
    return item.handler.instance.reads?.(item.message);
  } catch (error) {
    item.refusal = { code: 'READS_FAILED', message: String(error), stack: null, permanent: true };
    return undefined;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

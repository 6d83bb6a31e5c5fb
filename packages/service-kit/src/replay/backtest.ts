import { performance } from 'node:perf_hooks';
import type { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { decideGroup, type Decided } from '../pipeline/decide-group.js';
import { doWork } from '../pipeline/do-work.js';
import { queryOf } from '../pipeline/group-query.js';
import type { Item } from '../pipeline/item.js';
import { comparison, type Flip } from './backtest-comparison.js';
import { BacktestRecord, recordedSince, type FailedMessage } from './backtest-record.js';
import { BacktestState } from './backtest-state.js';
import { DueItems } from './due-items.js';
import type { Outcome } from './outcome.js';
import { positionAt } from './past-events.js';
import type { PastService } from './past-service.js';
import { recordOf, type ReplayMessage } from './replay-message.js';

/** The whole of a backtest. */
export interface BacktestSummary {
  readonly messages: number;
  /** answers that history gave and that were given again */
  readonly compared: number;
  readonly flipped: number;
  /** how often, by `recorded → replayed` */
  readonly flips: Readonly<Record<string, number>>;
  /** messages that could not be decided and were, or were not for another reason */
  readonly failed: number;
  /** messages that could not be decided for the reason for which they are dead letters */
  readonly failedAsBefore: number;
  /** messages with words of somebody who was erased since: what they lead to is not compared */
  readonly erased: number;
  /** of one decision with its work, in microseconds */
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** of models, in millionths of the currency of the prices */
  readonly costMicros: number;
  readonly recordedCostMicros: number;
}

export type BacktestAnswer =
  { readonly progress: object } | { readonly failure: FailedMessage } | Flip | { readonly summary: BacktestSummary };

/** Failures that are named; all are counted. */
const FAILURES_MAX = 200;
const PROGRESS_MESSAGES = 1_000;
/** What is decided at once leaves no dead letter, so a command that redrives it finds none. */
const NOTHING_TO_REDRIVE = 'DEAD_LETTER_UNKNOWN';
/** The middle of what a pause before a retry may be. */
const HALF = () => 0.5;

/** Decides recorded messages with effects stubbed, from the state the service had at an instant on, and compares what came out. */
export class Backtest {
  private readonly outcomes: readonly Outcome[];
  private readonly replayed: BacktestRecord;
  private readonly due = new DueItems();
  private readonly micros: number[] = [];
  private readonly handled = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly erased = new Set<string>();
  private readonly failures: FailedMessage[] = [];
  private messages = 0;

  constructor(private readonly past: PastService) {
    const { outcomes = [], name } = past.definition;
    if (outcomes.length === 0) {
      const message = `BACKTEST_UNDEFINED: ${name} names no outcomes; list what it decides in @Service({ outcomes })`;
      throw Object.assign(new Error(message), { code: 'BACKTEST_UNDEFINED' });
    }
    this.outcomes = outcomes;
    this.replayed = new BacktestRecord(outcomes);
  }

  /** Timers that decisions set fire up to `until`. */
  async *run(messages: AsyncIterable<ReplayMessage>, since: Date, until: Date): AsyncGenerator<BacktestAnswer> {
    const { store, handlers, inbound, schemaIdOf } = this.past;
    const state = new BacktestState(this.past, await positionAt(store, since));
    yield { progress: { phase: 'history', events: await state.load() } };
    for await (const message of messages) {
      const record = recordOf(message, schemaIdOf);
      const at = new Date(record.timestamp);
      await this.fire(state, at);
      const reacting = handlers.get(record.headers['ce_type'] ?? '') ?? [];
      if (reacting.length === 0) continue;
      for (const handler of reacting) {
        const item = await inbound.itemOfRecord(record, handler);
        if (!this.isRepeat(item)) await this.decide(state, item, at);
      }
      this.messages += 1;
      if (this.messages % PROGRESS_MESSAGES === 0) yield { progress: { phase: 'messages', messages: this.messages } };
    }
    await this.fire(state, until);
    yield* this.ended(since);
  }

  /** The relay and producers may write a message twice; as the inbox does, it is known by its id. */
  private isRepeat({ inbox, message, handler }: Item): boolean {
    const print = handler.instance.fingerprint ? inbox?.fingerprint.toString('hex') : '';
    const key = [handler.name, inbox?.id ?? message.id, print].join(' ');
    const known = this.seen.has(key);
    this.seen.add(key);
    return known;
  }

  /** What decisions set, and what is tried again, is due before later messages. */
  private async fire(state: BacktestState, until: Date): Promise<void> {
    for (let next = this.due.take(until); next; next = this.due.take(until)) {
      const item = await next.make();
      if (item) await this.decide(state, item, next.at);
    }
  }

  private async decide(state: BacktestState, item: Item, now: Date): Promise<void> {
    const { service, store, vault, inbound } = this.past;
    const { id } = item.message;
    this.handled.add(id);
    const seen = await state.for(queryOf([item], service));
    seen.now = now;
    const began = performance.now();
    const worked = await doWork(item, seen, new AbortController().signal);
    const around = { service, now, held: new Map<string, string | null>(), random: HALF };
    const { decided, waiting } = decideGroup([worked], seen, around);
    this.micros.push((performance.now() - began) * 1_000);
    if (vault.metErased()) this.erased.add(id);
    for (const { type, data, metadata } of store.taken())
      this.replayed.take({ type, data, cause: metadata.causationId });
    for (const { delayMs } of waiting) {
      const again = { ...item, attempts: item.attempts + 1, firstFailedAt: item.firstFailedAt ?? now };
      this.due.add({ at: new Date(now.getTime() + delayMs), make: () => Promise.resolve(again) });
    }
    for (const one of decided) this.accept(state, one);
    for (const timer of decided.flatMap(({ timers }) => timers))
      this.due.add({ at: timer.dueAt, make: async () => (await inbound.itemsOfTimers([timer]))[0] });
  }

  private accept(state: BacktestState, { item, events, failure, emissions }: Decided): void {
    const { id, type, correlationId } = item.message;
    for (const event of events) {
      state.append(event);
      this.replayed.take({ type: event.type, data: event.data, cause: id });
    }
    if (!failure || this.erased.has(id) || failure.code === NOTHING_TO_REDRIVE) return;
    const { originEventId, handler, reason: code, place } = emissions[0]!.data as DeadLettered;
    this.failures.push({ message: originEventId ?? id, type, story: correlationId, handler, code, place });
  }

  private async *ended(since: Date): AsyncGenerator<BacktestAnswer> {
    const { replayed, handled, erased, messages } = this;
    const recorded = await recordedSince(this.past, this.outcomes, since);
    const failures = this.failures.filter((one) => !recorded.hasFailed(one));
    for (const failure of failures.slice(0, FAILURES_MAX)) yield { failure };
    const { flips, compared } = await comparison(this.past, { recorded, replayed, handled, erased });
    const kinds: Record<string, number> = {};
    for (const flip of flips) {
      const kind = `${flip.recorded ?? 'undecided'} → ${flip.replayed ?? 'undecided'}`;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      yield flip;
    }
    const failedAsBefore = this.failures.length - failures.length;
    const counts = { messages, compared, flipped: flips.length, failed: failures.length, failedAsBefore };
    const latency = { p50Micros: quantile(this.micros, 0.5), p99Micros: quantile(this.micros, 0.99) };
    const cost = { costMicros: replayed.costMicros, recordedCostMicros: recorded.costMicros };
    yield { summary: { ...counts, flips: kinds, erased: erased.size, ...latency, ...cost } };
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

import { performance } from 'node:perf_hooks';
import { keyOf, type Contract } from '@towpath/contracts/contract';
import type { NewTimer } from '@towpath/event-store/types';
import { decideGroup } from '../pipeline/decide-group.js';
import { doWork } from '../pipeline/do-work.js';
import { queryOf } from '../pipeline/group-query.js';
import type { Item } from '../pipeline/item.js';
import { BacktestState } from './backtest-state.js';
import { flipReasons, type Decided, type FlipReason } from './flip-reasons.js';
import { outcomesSince, positionAt } from './past-events.js';
import type { PastService } from './past-service.js';
import { recordOf, type ReplayMessage } from './replay-message.js';

/** How one subject came out otherwise. */
export interface Flip {
  readonly subject: string;
  /** name of the contract, such as PaymentApproved; null: not decided */
  readonly recorded: string | null;
  readonly replayed: string | null;
  /** message because of which it was decided otherwise */
  readonly message: string;
  /** what the two decisions say otherwise of themselves */
  readonly why: readonly FlipReason[];
}

/** The whole of a backtest. */
export interface BacktestSummary {
  readonly messages: number;
  /** subjects that history decided and that were decided again */
  readonly compared: number;
  readonly flipped: number;
  /** how often, by `recorded → replayed` */
  readonly flips: Readonly<Record<string, number>>;
  /** messages that could not be decided */
  readonly failed: number;
  /** of one decision with its work, in microseconds */
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** of models, in millionths of the currency of the prices */
  readonly costMicros: number;
  readonly recordedCostMicros: number;
}

/** Decides recorded messages with effects stubbed, from the state the service had at an instant on, and compares what came out. */
export class Backtest {
  private readonly outcomes: ReadonlyMap<string, Contract>;
  private readonly decided = new Map<string, Decision>();
  private readonly timers: NewTimer[] = [];
  private readonly micros: number[] = [];
  private readonly handled = new Set<string>();
  private messages = 0;
  private failed = 0;
  private costMicros = 0;

  constructor(private readonly past: PastService) {
    const { outcomes = [], name } = past.definition;
    if (outcomes.length === 0) {
      const message = `BACKTEST_UNDEFINED: ${name} names no outcomes; list the contracts of its decisions in @Service({ outcomes })`;
      throw Object.assign(new Error(message), { code: 'BACKTEST_UNDEFINED' });
    }
    this.outcomes = new Map(outcomes.map((contract) => [contract.type, contract]));
  }

  async *run(messages: AsyncIterable<ReplayMessage>, since: Date): AsyncGenerator<object> {
    const { store, folds, handlers, inbound, schemaIdOf } = this.past;
    const state = new BacktestState(store, folds, await positionAt(store, since));
    const events = await state.load(() => undefined);
    yield { progress: { phase: 'history', events } };
    for await (const message of messages) {
      const record = recordOf(message, schemaIdOf);
      await this.fire(state, record.timestamp);
      const reacting = handlers.get(record.headers['ce_type'] ?? '') ?? [];
      if (reacting.length === 0) continue;
      for (const handler of reacting)
        await this.decide(state, await inbound.itemOfRecord(record, handler), new Date(record.timestamp));
      this.messages += 1;
      if (this.messages % PROGRESS_MESSAGES === 0) yield { progress: { phase: 'messages', messages: this.messages } };
    }
    yield* this.compared(since);
  }

  /** What the decisions themselves set is due before later messages. */
  private async fire(state: BacktestState, until: number): Promise<void> {
    for (;;) {
      this.timers.sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime());
      const next = this.timers[0];
      if (!next || next.dueAt.getTime() > until) return;
      this.timers.shift();
      const [item] = await this.past.inbound.itemsOfTimers([next]);
      if (item) await this.decide(state, item, next.dueAt);
    }
  }

  private async decide(state: BacktestState, item: Item, now: Date): Promise<void> {
    const { service, store } = this.past;
    this.handled.add(item.message.id);
    const { streams, rows } = queryOf([item], service);
    const seen = await state.for(streams, rows);
    seen.now = now;
    const began = performance.now();
    const last = { ...item, attempts: item.handler.retry.retries };
    const worked = await doWork(last, seen, new AbortController().signal);
    const around = { service, now, held: new Map<string, string | null>(), random: () => 0 };
    const [decision] = decideGroup([worked], seen, around).decided;
    this.micros.push((performance.now() - began) * 1_000);
    for (const { type, data } of store.taken()) if (type === RUN_DECIDED) this.costMicros += costIn(data);
    if (!decision || decision.failure) this.failed += 1;
    for (const event of decision?.events ?? []) {
      state.append(event);
      const contract = this.outcomes.get(event.type);
      if (contract)
        this.decided.set(keyOf(contract, event.data), { contract, data: event.data, message: item.message.id });
    }
    this.timers.push(...(decision?.timers ?? []));
  }

  /** What history decided since then, and what its models cost. */
  private async recorded(since: Date) {
    const rows = await outcomesSince(this.past.store, since, [...this.outcomes.keys(), RUN_DECIDED]);
    const before = new Map<string, Decision>();
    let recordedCostMicros = 0;
    for (const { type, data, cause } of rows) {
      const contract = this.outcomes.get(type);
      if (contract) before.set(keyOf(contract, data), { contract, data, message: cause });
      else recordedCostMicros += costIn(data);
    }
    return { before, recordedCostMicros };
  }

  private async *compared(since: Date): AsyncGenerator<Flip | { readonly summary: BacktestSummary }> {
    const { before, recordedCostMicros } = await this.recorded(since);
    const flips: Record<string, number> = {};
    let compared = 0;
    for (const subject of new Set([...before.keys(), ...this.decided.keys()])) {
      const [was, is] = [before.get(subject), this.decided.get(subject)];
      // What a message of before the window led to within it is not decided again.
      if (!is && !this.handled.has(was!.message)) continue;
      if (was) compared += 1;
      if (was?.contract.name === is?.contract.name) continue;
      const flip = flipOf(subject, was, is);
      const kind = `${flip.recorded ?? 'undecided'} → ${flip.replayed ?? 'undecided'}`;
      flips[kind] = (flips[kind] ?? 0) + 1;
      yield flip;
    }
    const flipped = Object.values(flips).reduce((sum, count) => sum + count, 0);
    const { messages, failed, costMicros } = this;
    const latency = { p50Micros: quantile(this.micros, 0.5), p99Micros: quantile(this.micros, 0.99) };
    yield { summary: { messages, compared, flipped, flips, failed, ...latency, costMicros, recordedCostMicros } };
  }
}

interface Decision extends Decided {
  readonly message: string;
}

function flipOf(subject: string, was: Decision | undefined, is: Decision | undefined): Flip {
  const [recorded, replayed] = [was?.contract.name ?? null, is?.contract.name ?? null];
  return { subject, recorded, replayed, message: (is ?? was)!.message, why: flipReasons(was, is) };
}

const RUN_DECIDED = 'agents.v1.RunDecided';
const PROGRESS_MESSAGES = 1_000;

function costIn(data: unknown): number {
  return Number((data as { readonly costMicros?: unknown } | null)?.costMicros ?? 0);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import type { Claim, Lane } from '@towpath/event-store/held-types';
import { noUpcasters } from '@towpath/event-store/upcast';
import {
  decideGroup,
  laneOf,
  stopOf,
  type Decided,
  type Outcome,
  type Waiting,
} from '../../packages/service-kit/src/pipeline/decide-group.js';
import { dropRepeats } from '../../packages/service-kit/src/pipeline/drop-repeats.js';
import { GroupState } from '../../packages/service-kit/src/pipeline/group-state.js';
import type { Item } from '../../packages/service-kit/src/pipeline/item.js';
import {
  endsItsWorkers,
  WORKERS_LOST_MAX,
  type RetryPolicy,
} from '../../packages/service-kit/src/pipeline/retry.decider.js';
import { Permanent } from '../../packages/service-kit/src/permanent.js';
import { HeldTable, type HeldRow } from './held-table.model.js';
import { hold } from './simulate.js';

/** A message and how it will go. */
export interface Send {
  readonly kind: 'send';
  readonly key: string;
  readonly lane: Lane;
  readonly strict: boolean;
  /** tries that fail; Infinity: for good, and the first says so */
  readonly failures: number;
}

export type RetryStep =
  | Send
  | { readonly kind: 'pass'; readonly ms: number }
  /** the consumer of a process reads on, and decides on what it sees */
  | { readonly kind: 'read'; readonly who: number; readonly count: number; readonly chance: number }
  /** a process leases what is due, and decides on what it sees; a worker's work is done by then */
  | { readonly kind: 'retry'; readonly who: number; readonly chance: number }
  /** what a process has decided reaches the store */
  | { readonly kind: 'commit'; readonly who: number }
  | { readonly kind: 'kill' | 'stop'; readonly who: number }
  /** records come again from there */
  | { readonly kind: 'rewind'; readonly by: number }
  | { readonly kind: 'settle'; readonly which: number; readonly verb: 'redrive' | 'discard' };

interface Process {
  items: readonly Item[];
  outcome: Outcome | undefined;
  chance: number;
  /** where its consumer is once its group is committed */
  position: number;
}

const LEASE_MS = 4_000;
const CLAIM_MAX = 3;
export const policy: RetryPolicy = { retries: 3, baseMs: 1_000, factor: 2, capMs: 3_000 };

/**
 * Replicas of a service that read one partition and retry what waits, under one virtual clock. Every decision is the
 * pipeline's own; between deciding and committing others act, processes end, time passes.
 */
export class RetryModel {
  private now = 0;
  private position = 0;
  private readonly log: Send[] = [];
  private readonly inbox = new Map<string, Buffer>();
  private readonly held = new HeldTable();
  private readonly processes: Process[];
  private readonly ended = new Map<number, 'handled' | 'dead' | 'discarded'>();
  private readonly tries = new Map<number, number>();

  constructor(count: number) {
    this.processes = Array.from({ length: count }, idle);
  }

  step(step: RetryStep): void {
    if (step.kind === 'send') this.log.push(step);
    else if (step.kind === 'pass') this.now += step.ms;
    else if (step.kind === 'rewind') this.position = Math.max(0, this.position - step.by);
    else if (step.kind === 'settle') this.settle(step.which, step.verb);
    else this.act(this.processes[step.who % this.processes.length]!, step);
  }

  /** Whatever happened: one process that goes on brings every message to its end, in bounded time. */
  expectEnds(): void {
    const [process] = this.processes as [Process];
    for (const one of this.processes) Object.assign(one, idle());
    const until = this.now + LEASE_MS + this.log.length * (policy.retries + 1) * policy.capMs;
    while (this.position < this.log.length || this.held.rows.length > 0) {
      this.read(process, 5, 0.5);
      this.commit(process);
      this.retry(process, 0.5);
      this.commit(process);
      this.settle(0, 'redrive');
      this.now += 500;
      hold(this.now <= until, 'every message ends, in bounded time');
    }
    this.log.forEach((_, message) => hold(this.ended.has(message), 'every message was handled or is a dead letter'));
  }

  private act(process: Process, step: Extract<RetryStep, { who: number }>): void {
    if (step.kind === 'read') this.read(process, step.count, step.chance);
    else if (step.kind === 'retry') this.retry(process, step.chance);
    else if (step.kind === 'commit') this.commit(process);
    else {
      if (step.kind === 'stop') this.held.release(process.items.flatMap(({ held }) => held ?? []));
      Object.assign(process, idle());
    }
  }

  private read(process: Process, count: number, chance: number): void {
    if (process.outcome) return;
    const position = Math.min(this.log.length, this.position + count);
    const items = this.log.slice(this.position, position).map((_, index) => this.itemOf(this.position + index));
    if (items.length > 0) this.decide(process, items, chance, position);
  }

  private retry(process: Process, chance: number): void {
    if (process.outcome) return;
    const claimed = this.held.claim(this.now, LEASE_MS, CLAIM_MAX);
    for (const { message } of claimed) this.begin(message);
    if (claimed.length > 0)
      this.decide(
        process,
        claimed.map((row) => this.revived(row)),
        chance,
        this.position,
      );
  }

  private begin(message: number): void {
    const tries = (this.tries.get(message) ?? 0) + 1;
    this.tries.set(message, tries);
    const triesMax = (policy.retries + 1) * (WORKERS_LOST_MAX + 1) + 1;
    hold(tries <= triesMax, 'a message is tried so often and no more, whoever is killed');
  }

  private decide(process: Process, items: readonly Item[], chance: number, position: number): void {
    const { fresh } = dropRepeats(items, this.inbox);
    const nothing = { seen: new Map(), streams: new Map(), rows: new Map(), held: new Map() };
    const state = new GroupState(nothing, [], { aggregates: [], projections: [], upcasters: noUpcasters });
    const around = { service: 'fraud', now: new Date(this.now), held: this.held.keys(), random: () => chance };
    Object.assign(process, { items, chance, position, outcome: decideGroup(fresh, state, around) });
  }

  /** All or nothing: what somebody else has recorded or taken over meanwhile has the rest read and decided again. */
  private commit(process: Process): void {
    const { outcome, items, chance, position } = process;
    if (!outcome) return;
    const handled = [...outcome.decided, ...outcome.waiting].map(({ item }) => item);
    const lost = handled.filter(({ held }) => held && !this.held.under(held));
    const conflict = handled.some(({ held, inbox }) => !held && this.inbox.has(inbox!.id));
    if (lost.length > 0 || conflict) {
      const open = items.filter(({ held }) => !lost.some((one) => one.held === held && held));
      this.decide(process, open, chance, position);
      return this.commit(process);
    }
    for (const { held, inbox } of handled) if (!held) this.inbox.set(inbox!.id, inbox!.fingerprint);
    for (const decided of outcome.decided) this.decided(decided);
    for (const waiting of outcome.waiting) this.waits(waiting);
    this.position = Math.max(this.position, position);
    Object.assign(process, idle());
  }

  private decided(decided: Decided): void {
    const { item, failure } = decided;
    const message = numberOf(item);
    const row = item.held && this.held.under(item.held);
    const stoppedBy = stopOf(decided);
    this.end(item, failure ? 'dead' : 'handled');
    if (stoppedBy !== undefined && row) this.held.failed(row, this.now, stoppedBy);
    else if (stoppedBy !== undefined) this.wait(item, { nextAt: this.now, attempts: 1, stoppedBy });
    else if (row) this.held.remove(row);
    if (item.redrive && !row && stoppedBy === undefined) this.free(item.redrive.deadLetterId);
    if (failure) hold(item.attempts <= policy.retries, `message ${message} has no more retries than its policy allows`);
  }

  private waits({ item, delayMs, tried }: Waiting): void {
    if (tried) {
      const boundMs = Math.min(policy.capMs, policy.baseMs * policy.factor ** item.attempts);
      hold(delayMs >= 0 && delayMs <= boundMs, 'no pause is longer than its bound');
      hold(tried.retry <= policy.retries, 'no more retries than the policy allows');
    }
    const nextAt = this.now + delayMs;
    const row = item.held && this.held.under(item.held);
    if (row) this.held.failed(row, nextAt, undefined);
    else this.wait(item, { nextAt, attempts: tried ? 1 : 0, stoppedBy: undefined });
  }

  private wait(item: Item, rest: Pick<HeldRow, 'nextAt' | 'attempts' | 'stoppedBy'>): void {
    const mended = item.redrive !== undefined;
    const row = { lane: laneOf(item), key: item.orderKey, message: numberOf(item), mended, ...rest };
    this.held.add(row, item.redrive?.deadLetterId);
  }

  /** Somebody settles the dead letter that stops a key; its command is in the inbox once, so this is one step. */
  private settle(which: number, verb: 'redrive' | 'discard'): void {
    const stopped = this.held.rows.filter(({ stoppedBy }) => stoppedBy !== undefined);
    const row = stopped[which % Math.max(1, stopped.length)];
    if (!row) return;
    this.ended.delete(row.message);
    if (verb === 'discard') {
      this.ended.set(row.message, 'discarded');
      this.held.remove(row);
      return;
    }
    const command = this.itemOf(row.message).record!;
    const redrive = { deadLetterId: row.stoppedBy!, attempts: row.attempts, command };
    const id = `redrive-${row.stoppedBy}`;
    const item = { ...this.itemOf(row.message), inbox: { id, fingerprint: Buffer.from(id) }, redrive };
    // Mended meanwhile, or it would stop its key again under the same dead letter.
    const mended = { ...item, handler: { ...item.handler, instance: { ...item.handler.instance, handle: () => [] } } };
    const process = idle();
    this.decide(process, [mended], 0, this.position);
    this.commit(process);
  }

  private free(deadLetterId: string): void {
    const row = this.held.rows.find(({ stoppedBy }) => stoppedBy === deadLetterId);
    if (row) this.held.remove(row);
  }

  private end(item: Item, how: 'handled' | 'dead'): void {
    const message = numberOf(item);
    hold(!this.ended.has(message), 'a message ends once');
    const { lane, key } = this.log[message]!;
    hold(lane === 'inline' || how === 'dead' || item.work !== undefined, 'nothing queued is decided without its work');
    this.log.forEach((one, index) => {
      if (one.key !== key || one.lane !== lane || index === message) return;
      const ended = this.ended.get(index);
      hold((ended !== undefined) === index < message, 'messages of a key end in the order they were sent');
      hold(ended !== 'dead' || !one.strict, 'a key stops at a strict dead letter until that is settled');
    });
    this.ended.set(message, how);
  }

  private itemOf(message: number): Item {
    const { key, lane, strict, failures } = this.log[message]!;
    const id = `message-${message}`;
    const record = { topic: 't', partition: 0, offset: String(message), timestamp: 0, key: null, value: null };
    const story = { correlationId: id, causationId: null, hops: 0, path: [], traceparent: null };
    const about = {
      id,
      type: PaymentCanceled.type,
      subject: key,
      source: '/services/spec',
      time: new Date(0),
      ...story,
    };
    const item: Item = {
      message: { ...about, data: {} },
      handler: {
        ...{ name: 'Spec', contract: PaymentCanceled, emits: [], decrypts: false, retry: policy, strict },
        ...(lane === 'queued' && { queued: { concurrency: 1, timeoutMs: 1 } }),
        instance: { handle: () => [] },
      },
      ...{ orderKey: key, inbox: { id, fingerprint: Buffer.from(id) }, attempts: 0 },
      record: { ...record, headers: {}, rawHeaders: {} },
    };
    return lane === 'inline' ? withFailure(item, 0, failures) : item;
  }

  /** What the worker of a queued handler gives to the decision, or a retry of an inline one. */
  private revived({ message, seq, fence, attempts, lost, mended }: HeldRow): Item {
    const held: Claim = { seq: String(seq), fence: String(fence) };
    const item = { ...this.itemOf(message), held, attempts };
    if (endsItsWorkers(lost)) return { ...item, refusal: refusalOf('WORKER_LOST', true) };
    const { lane, failures: planned } = this.log[message]!;
    const failures = mended ? 0 : planned;
    if (lane === 'inline') return withFailure(item, attempts, failures);
    return attempts < failures
      ? { ...item, refusal: refusalOf('WORK_FAILED', failures === Infinity) }
      : { ...item, work: { result: 1 } };
  }
}

function withFailure(item: Item, attempts: number, failures: number): Item {
  const handle = () => {
    if (failures === Infinity) throw new Permanent('NEVER', 'not before it is repaired');
    if (attempts < failures) throw new Error('not yet');
    return [];
  };
  return { ...item, handler: { ...item.handler, instance: { handle } } };
}

function refusalOf(code: string, permanent: boolean) {
  return { code, message: code, stack: null, permanent };
}

function numberOf({ record }: Item): number {
  return Number(record!.offset);
}

function idle(): Process {
  return { items: [], outcome: undefined, chance: 0, position: 0 };
}

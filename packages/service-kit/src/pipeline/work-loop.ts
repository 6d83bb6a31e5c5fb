import { setTimeout as delay } from 'node:timers/promises';
import type { HeldMessage, HeldStore } from '@towpath/event-store/held-types';
import type { DecisionState } from '../handles.js';
import { about, type Logger } from '../logger.js';
import { endSpan } from '../tracing/message-spans.js';
import { doWork } from './do-work.js';
import { DueLoop } from './due-loop.js';
import type { GroupQueue } from './group-queue.js';
import { giveBack } from './held-lease.js';
import type { BoundHandler, Item } from './item.js';
import type { Revival } from './revival.js';
import { Work } from './work.js';

/** Others take over what a killed replica had after this time. */
const LEASE_MS = 6_000;
const HEARTBEAT_MS = 2_000;
/** At SIGTERM, work that ends within this time is decided; the rest is given back. */
const FINISH_MS = 3_000;
const COMMIT_AGAIN_MS = 1_000;
/** Messages whose handler is queued no more, or gone as may be its reaction: replicas of the version before may still have it for so long. */
const STRAYS = { olderMs: 600_000, limit: 16 };
const STRAYS_EVERY_MS = 60_000;

export interface WorkLoopOptions {
  readonly store: HeldStore;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  readonly revival: Revival;
  readonly queue: GroupQueue;
  readonly logger: Logger;
  readonly consumer: string;
  readonly others: readonly string[];
  readonly owner: string;
  stateFor(item: Item): Promise<DecisionState>;
}

/**
 * Runs the work of queued handlers, of each at most as many at once as it allows: of each key the oldest, then those behind it.
 * A message is this worker's while its lease is prolonged; the commit of its decision refuses whoever has lost it.
 */
export class WorkLoop extends DueLoop {
  private readonly running = new Map<string, Work>();
  private heartbeat: NodeJS.Timeout | undefined;
  private prolonging: Promise<void> | undefined;
  private straysLookedForAt = -Infinity;

  constructor(private readonly options: WorkLoopOptions) {
    super();
  }

  /** How many works run now, by the name of their handler. */
  runningNow(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { name, queued } of this.options.handlers.values()) if (queued) counts.set(name, 0);
    for (const { message } of this.running.values()) {
      const name = this.options.handlers.get(message.type)?.name ?? message.handler;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  }

  /** Claims no more, lets what ends soon end, and gives the rest back: another replica may take it at once. */
  override async stop(): Promise<void> {
    await super.stop();
    const works = [...this.running.values()];
    const enough = new AbortController();
    const ended = Promise.all(works.map((work) => work.ended)).finally(() => enough.abort());
    await Promise.race([ended, delay(FINISH_MS, undefined, { signal: enough.signal }).catch(() => undefined)]);
    const left = [...this.running.values()];
    for (const work of left) work.leave('SERVICE_STOPPING');
    clearInterval(this.heartbeat);
    if (left.length === 0) return;
    // When the store is away they run out.
    await this.options.store.releaseHeld(left.map(({ claim }) => claim)).catch(() => undefined);
    this.options.logger.info({ works: left.length }, 'work.given-back');
  }

  protected async fire(): Promise<number | undefined> {
    const { store, consumer, owner } = this.options;
    await this.takeStrays();
    const free = this.free();
    if (free.size === 0) return undefined;
    for (const message of await store.claimWork({ consumer, free, leaseMs: LEASE_MS, owner })) this.begin(message);
    const left = [...this.free().keys()];
    // Whoever ends looks for the next.
    return left.length === 0 ? undefined : store.nextWorkMs(consumer, left);
  }

  protected failed(error: unknown): void {
    this.options.logger.warn({ err: error }, 'work.unclaimed');
  }

  /** Workers that have nothing to do, by type; types without any are absent. */
  private free(): Map<string, number> {
    const free = new Map<string, number>();
    const works = [...this.running.values()];
    for (const [type, { queued }] of this.options.handlers) {
      const left = (queued?.concurrency ?? 0) - works.filter(({ message }) => message.type === type).length;
      if (left > 0) free.set(type, left);
    }
    return free;
  }

  private async takeStrays(): Promise<void> {
    if (performance.now() - this.straysLookedForAt < STRAYS_EVERY_MS) return;
    const { store, handlers, consumer, others, owner } = this.options;
    const types = [...handlers].flatMap(([type, { queued }]) => (queued ? [type] : []));
    const whose = { consumer, others, types, owner };
    const strays = await store.claimStrays({ ...STRAYS, ...whose, leaseMs: LEASE_MS });
    this.straysLookedForAt = performance.now();
    for (const message of strays) this.begin(message);
  }

  private begin(message: HeldMessage): void {
    const work = new Work(message);
    this.running.set(message.seq, work);
    this.heartbeat ??= setInterval(() => {
      this.prolonging ??= this.prolong().finally(() => (this.prolonging = undefined));
    }, HEARTBEAT_MS);
    work.ended = this.run(work).finally(() => this.end(work));
  }

  private end({ message }: Work): void {
    this.running.delete(message.seq);
    if (this.running.size === 0) {
      clearInterval(this.heartbeat);
      this.heartbeat = undefined;
    }
    this.expect(new Date());
  }

  private async run(work: Work): Promise<void> {
    const { revival, stateFor, store, logger } = this.options;
    const { message, signal } = work;
    try {
      const [item] = await revival.items([message]);
      logger.info(
        { ...about(item!.message), handler: item!.handler.name, attempt: message.attempts + 1 },
        'work.begun',
      );
      const done = await doWork(item!, await stateFor(item!), signal);
      if (signal.aborted) endSpan(done, 'rejected', (signal.reason as { code: string }).code);
      else await this.commit(work, done);
    } catch (error) {
      if (signal.aborted) return;
      const story = { id: message.eventId, type: message.type, correlationId: message.correlationId };
      logger.warn({ ...about(story), err: error, handler: message.handler }, 'work.failed');
      this.rest();
      await giveBack(store, [work.claim], error);
    }
  }

  /** What the work gave may have been dear: while Postgres is away it is kept, as long as the message is this worker's. */
  private async commit(work: Work, item: Item): Promise<void> {
    work.committing = true;
    for (;;) {
      try {
        return await this.options.queue.process([item]);
      } catch (error) {
        if ((error as { code?: string }).code !== 'STORE_UNAVAILABLE' || work.signal.aborted) throw error;
        await delay(COMMIT_AGAIN_MS, undefined, { signal: work.signal });
      }
    }
  }

  /** While the store is away nobody else can take a message either: only who is told of a loss lets go. */
  private async prolong(): Promise<void> {
    const { store, logger } = this.options;
    const works = [...this.running.values()];
    try {
      const ours = await store.extendHeld(
        works.map(({ claim }) => claim),
        LEASE_MS,
      );
      for (const work of works) {
        if (ours.has(work.message.seq) || this.running.get(work.message.seq) !== work) continue;
        const { eventId: id, type, correlationId, handler } = work.message;
        // The commit removes the row, and so the lease.
        if (!work.committing) logger.warn({ ...about({ id, type, correlationId }), handler }, 'work.lease-lost');
        work.leave('LEASE_LOST');
      }
    } catch (error) {
      logger.warn({ err: error }, 'work.not-prolonged');
    }
  }
}

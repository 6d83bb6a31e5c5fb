import { randomUUID } from 'node:crypto';
import { check, toJson } from '@towpath/contracts/codec';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { encryptPii, subjectsOf } from '@towpath/event-store/cipher';
import { StoreUnavailable, VersionConflict } from '@towpath/event-store/errors';
import type { Metadata, NewEvent } from '@towpath/event-store/types';
import { setTimeout as delay } from 'node:timers/promises';
import { RunSuperseded } from '../agent-errors.js';
import type { JournalKeys, JournalStore } from './journal-store.js';

export interface JournalPlace {
  readonly runId: string;
  readonly stream: string;
  readonly metadata: Metadata;
  /** of the stream as it was read */
  readonly version: number;
  readonly signal: AbortSignal;
}

/** An event that waits to be written. */
interface Added {
  readonly contract: Contract;
  readonly data: unknown;
  readonly occurredAt: Date;
}

const AGAIN_MS = 500;

/**
 * The writing side of one attempt of a run. Every write expects the version that this attempt knows, so whoever went on
 * with the run elsewhere has shut this attempt out: its next write throws RunSuperseded.
 *
 * What is added waits for what follows in the same turn of the event loop, to share its commit; at the latest then it is written.
 * `settle` is the point where nothing may be open any more.
 */
export class RunJournal {
  private version: number;
  private added: Added[] = [];
  private writing: Promise<void> | undefined;
  private failure: unknown;
  private scheduled: NodeJS.Immediate | undefined;

  constructor(
    private readonly store: JournalStore,
    private readonly keys: JournalKeys | undefined,
    private readonly place: JournalPlace,
  ) {
    this.version = place.version;
  }

  /** Adds an event, to be written soon. */
  add<C extends Contract>(contract: C, data: DataOf<C>): void {
    check(contract, data);
    this.added.push({ contract, data, occurredAt: new Date() });
    this.scheduled ??= setImmediate(() => {
      this.scheduled = undefined;
      // Whoever settles next hears of it.
      void this.settle().catch(() => undefined);
    });
  }

  /** Resolves when everything added so far is durable. Throws RunSuperseded, or what the store threw. */
  async settle(): Promise<void> {
    while (this.added.length > 0 || this.writing) {
      this.throwFailure();
      this.writing ??= this.write().finally(() => (this.writing = undefined));
      await this.writing;
    }
    this.throwFailure();
  }

  /** Forgets what was not written, and the timer. */
  drop(): void {
    clearImmediate(this.scheduled);
    this.scheduled = undefined;
    this.added = [];
  }

  private throwFailure(): void {
    // An attempt that could not write once has lost its place for good.
    if (this.failure !== undefined) throw this.failure as Error;
  }

  private async write(): Promise<void> {
    const { added } = this;
    this.added = [];
    try {
      const events = await this.sealed(added);
      await this.append(events);
      this.version += events.length;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  private async sealed(added: readonly Added[]): Promise<NewEvent[]> {
    const { stream, metadata } = this.place;
    const subjects = new Set(added.flatMap(({ contract, data }) => subjectsOf(contract, data)));
    const keys = subjects.size > 0 && this.keys ? await this.keys.keysFor(subjects) : new Map<string, Buffer | null>();
    return added.map(({ contract, data, occurredAt }, index) => ({
      ...{ id: randomUUID(), stream, type: contract.type, metadata, occurredAt },
      data: encryptPii(contract, toJson(contract, data), keys) as object,
      ...(index === 0 && { expectedVersion: this.version }),
    }));
  }

  /** What a step gave may have been dear: while Postgres is away it is kept, as long as the run is this worker's. */
  private async append(events: readonly NewEvent[]): Promise<void> {
    const { runId, signal } = this.place;
    for (let again = false; ; again = true) {
      try {
        await this.store.append(events);
        return;
      } catch (error) {
        if (error instanceof VersionConflict && again && (await this.wrote(events))) return;
        if (error instanceof VersionConflict) throw new RunSuperseded(runId, error);
        if (!(error instanceof StoreUnavailable) || signal.aborted) throw error;
        await delay(AGAIN_MS, undefined, { signal });
      }
    }
  }

  /** Whether an append whose answer got lost was made. */
  private async wrote(events: readonly NewEvent[]): Promise<boolean> {
    const { stream } = this.place;
    const stored = (await this.store.readStreams([stream])).get(stream) ?? [];
    return stored.some(({ id }) => id === events[0]?.id);
  }
}

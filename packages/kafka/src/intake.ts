import { KafkaError, reasonOf } from './kafka-error.js';
import type { InboundRecord } from './record.js';

/** A run of one partition: the accepted records of it, and the offset to go on from when they are handled. */
export interface Chunk {
  topic: string;
  partition: number;
  records: InboundRecord[];
  /** bytes held while it waits */
  bytes: number;
  nextOffset: string;
}

export interface IntakeOptions {
  onRecords(records: InboundRecord[]): Promise<void>;
  /** `onRecords` rejected: nothing of its group counts as handled, and nothing more is handed over */
  onFailure(error: KafkaError): void;
  groupRecordsMax: number;
  pendingRecordsMax: number;
  pendingBytesMax: number;
  now(): number;
}

/** While a group is handled, fetches are spaced by this, so that they bring many records each and not one each. */
const FETCH_SPACING_MS = 2;

/**
 * Hands records over in groups: one call of `onRecords` at a time, with everything that arrived meanwhile over all
 * partitions. Fetching goes on while a group is handled (K19: a slow group holds up no fetch), up to the bounds.
 */
export class Intake {
  private readonly waiting: Chunk[] = [];
  private readonly done = new Map<string, Chunk>();
  private waitingRecords = 0;
  private waitingBytes = 0;
  private groupSince: number | undefined;
  private groupOldest: number | undefined;
  private closed = false;
  private running: Promise<void> | undefined;
  private readonly roomWaiters: (() => void)[] = [];
  private spacing: Promise<void> | undefined;
  /** when a group was last handled, in milliseconds of `now()`; 0 before the first */
  lastHandledAt = 0;

  constructor(private readonly options: IntakeOptions) {}

  /** Takes a chunk; resolves when more may be fetched. */
  async offer(chunk: Chunk): Promise<void> {
    if (this.closed) return;
    this.waiting.push(chunk);
    this.waitingRecords += chunk.records.length;
    this.waitingBytes += chunk.bytes;
    this.running ??= this.run();
    if (this.isFull()) await new Promise<void>((resolve) => this.roomWaiters.push(resolve));
    else if (this.groupSince !== undefined) await this.space();
  }

  /** Forgets what isn't handed over yet: after a rebalance it is fetched again, here or by its new owner. */
  dropWaiting(): void {
    this.waiting.length = 0;
    this.waitingRecords = 0;
    this.waitingBytes = 0;
    this.makeRoom();
  }

  /** The chunks handled since the last call, the newest of each partition. */
  takeHandled(): Chunk[] {
    const handled = [...this.done.values()];
    this.done.clear();
    return handled;
  }

  /** Since when the group at hand has been with `onRecords`; undefined when none is. */
  busySince(): number | undefined {
    return this.groupSince;
  }

  /** Age of the oldest record not yet handled, in seconds; 0 when there is none. */
  lagSeconds(): number {
    const oldest = this.groupOldest ?? this.waiting.find(({ records }) => records.length > 0)?.records[0]?.timestamp;
    return oldest === undefined ? 0 : Math.max(0, (this.options.now() - oldest) / 1000);
  }

  /** Hands nothing more over; resolves when the group at hand is through. */
  async close(): Promise<void> {
    this.closed = true;
    this.dropWaiting();
    await this.running;
  }

  private async run(): Promise<void> {
    // The partitions of one fetch arrive in the same turn of the event loop: let them share a group.
    await Promise.resolve();
    while (this.waiting.length > 0 && !this.closed) await this.handleGroup(this.takeGroup());
    this.running = undefined;
  }

  private async handleGroup(group: Chunk[]): Promise<void> {
    const records = group.length === 1 && group[0] ? group[0].records : group.flatMap((chunk) => chunk.records);
    if (records.length > 0) {
      this.groupSince = this.options.now();
      this.groupOldest = records[0]?.timestamp;
      try {
        await this.options.onRecords(records);
      } catch (error) {
        this.closed = true;
        this.options.onFailure(
          new KafkaError('HANDLER_FAILED', `records could not be handled: ${reasonOf(error)}`, { cause: error }),
        );
        return;
      } finally {
        this.groupSince = undefined;
        this.groupOldest = undefined;
        this.makeRoom();
      }
      this.lastHandledAt = this.options.now();
    }
    for (const chunk of group) this.done.set(`${chunk.topic}/${chunk.partition}`, { ...chunk, records: [] });
  }

  private takeGroup(): Chunk[] {
    let count = 0;
    let records = 0;
    for (const chunk of this.waiting) {
      if (count > 0 && records + chunk.records.length > this.options.groupRecordsMax) break;
      records += chunk.records.length;
      this.waitingBytes -= chunk.bytes;
      count += 1;
    }
    this.waitingRecords -= records;
    const group = this.waiting.splice(0, count);
    this.makeRoom();
    return group;
  }

  private isFull(): boolean {
    return this.waitingRecords >= this.options.pendingRecordsMax || this.waitingBytes >= this.options.pendingBytesMax;
  }

  private makeRoom(): void {
    if (this.isFull() && !this.closed) return;
    for (const resolve of this.roomWaiters.splice(0)) resolve();
  }

  private space(): Promise<void> {
    this.spacing ??= new Promise((resolve) => {
      const timer = setTimeout(release, FETCH_SPACING_MS);
      const { roomWaiters } = this;
      roomWaiters.push(release);
      function release(): void {
        clearTimeout(timer);
        resolve();
      }
    });
    return this.spacing.finally(() => (this.spacing = undefined));
  }
}

import type { InboundRecord } from './record.js';

/** A run of one partition: the accepted records of it, and the offset to go on from when they are handled. */
export interface Chunk {
  topic: string;
  partition: number;
  records: InboundRecord[];
  /** bytes held while it waits */
  bytes: number;
  nextOffset: string;
  /** stops the fetching of its partition; the answer lets it go on */
  pause?(): () => void;
}

export interface LaneBounds {
  readonly pendingRecordsMax: number;
  readonly pendingBytesMax: number;
}

/** Chunks that wait in the order they came, and who waits for them to become fewer. */
export class Lane {
  private readonly chunks: Chunk[] = [];
  private records = 0;
  private bytes = 0;
  private readonly waiters: (() => void)[] = [];

  constructor(private readonly bounds: LaneBounds) {}

  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  get isFull(): boolean {
    return this.records >= this.bounds.pendingRecordsMax || this.bytes >= this.bounds.pendingBytesMax;
  }

  /** When its oldest record was written; undefined when none waits. */
  get oldest(): number | undefined {
    return this.chunks.find(({ records }) => records.length > 0)?.records[0]?.timestamp;
  }

  push(chunk: Chunk): void {
    this.chunks.push(chunk);
    this.records += chunk.records.length;
    this.bytes += chunk.bytes;
  }

  /** So many of the first chunks as have at most so many records together; with `some` the first one in any case. */
  take(recordsMax: number, some: boolean): Chunk[] {
    let count = 0;
    let records = 0;
    for (const chunk of this.chunks) {
      if (records + chunk.records.length > recordsMax && !(some && count === 0)) break;
      records += chunk.records.length;
      this.bytes -= chunk.bytes;
      count += 1;
    }
    this.records -= records;
    const taken = this.chunks.splice(0, count);
    this.tellRoom();
    return taken;
  }

  clear(): void {
    this.chunks.length = 0;
    this.records = 0;
    this.bytes = 0;
    this.tellRoom();
  }

  /** Calls back, once, when there is room or it is cleared. */
  whenRoomy(waiter: () => void): void {
    this.waiters.push(waiter);
  }

  private tellRoom(): void {
    if (this.isFull) return;
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}

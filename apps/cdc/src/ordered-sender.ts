import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@towpath/service-kit/logger';
import type { OutboundRecord } from '@towpath/kafka/record';
import type { EventRow } from './event-row.js';

/** A record on its way, with the row it was made of. */
export interface Outgoing {
  readonly row: EventRow;
  readonly record: OutboundRecord;
  /** on the wire; in memory it is about three times that */
  readonly bytes: number;
  /** a release: goes out although its stream is held */
  readonly released?: boolean;
  /** called once: all in-sync replicas hold the record, or the row is safely parked instead */
  settled(outcome: 'published' | 'parked'): void;
}

export interface OrderedSenderOptions {
  /** resolves when every record is acknowledged; a rejection says nothing about which have landed */
  send(records: OutboundRecord[]): Promise<void>;
  /** resolves while this relay may publish; its rejection ends the sender */
  permitted(): Promise<void>;
  /** true when the row may no longer be sent, because its stream got parked after it was queued */
  isHeld(row: EventRow): boolean;
  /** takes a row that the brokers will never accept, or that is held; calls `settled` when it is dealt with */
  divert(outgoing: Outgoing, cause?: Error): void;
  /** true when the error is the fault of a record and not of the connection */
  isRecordFault(error: unknown): boolean;
  /** ends the session */
  onFailed(error: Error): void;
  onAcknowledged(records: number): void;
  /** called when the buffer has become smaller */
  onProgress(): void;
  logger: Pick<Logger, 'warn'>;
}

/** One call stays within one request of the producer, so that a failed call repeats little. */
const groupBytesMax = 150_000;
const groupRecordsMax = 1_000;
const backoffMsMin = 50;
const backoffMsMax = 2_000;

/**
 * Group send: one call is in flight, and everything that came meanwhile goes into the next. A failed call is repeated,
 * whole and before anything behind it, until it succeeds or the session ends: order holds, and nothing is dropped.
 */
export class OrderedSender {
  private readonly queue: Outgoing[] = [];
  private readonly stopping = new AbortController();
  private pumping = false;
  private bytes = 0;
  private failures = 0;

  constructor(private readonly options: OrderedSenderOptions) {}

  /** Bytes queued or in flight. */
  get bufferedBytes(): number {
    return this.bytes;
  }

  /** Attempts that failed since the last success. */
  get consecutiveFailures(): number {
    return this.failures;
  }

  /** Queues; call `flush` when nothing more comes at once. */
  add(outgoing: Outgoing): void {
    this.queue.push(outgoing);
    this.bytes += outgoing.bytes;
  }

  flush(): void {
    if (this.pumping || this.queue.length === 0) return;
    this.pumping = true;
    void this.pump();
  }

  /** Sends nothing more; the call in flight may still land. What is not acknowledged comes through the slot again. */
  stop(): void {
    this.stopping.abort();
    this.queue.length = 0;
  }

  private async pump(): Promise<void> {
    try {
      while (this.queue.length > 0) {
        const group = this.takeGroup();
        await this.deliver(group);
        if (this.stopping.signal.aborted) return;
        this.options.onProgress();
      }
      this.pumping = false;
    } catch (error) {
      if (!this.stopping.signal.aborted) this.options.onFailed(error as Error);
    }
  }

  private takeGroup(): Outgoing[] {
    let count = 0;
    let bytes = 0;
    for (const outgoing of this.queue) {
      bytes += outgoing.bytes;
      if (count > 0 && (count === groupRecordsMax || bytes > groupBytesMax)) break;
      count += 1;
    }
    return this.queue.splice(0, count).filter((outgoing) => !this.heldBack(outgoing));
  }

  private heldBack(outgoing: Outgoing): boolean {
    if (outgoing.released || !this.options.isHeld(outgoing.row)) return false;
    this.divert(outgoing);
    return true;
  }

  private divert(outgoing: Outgoing, cause?: Error): void {
    this.bytes -= outgoing.bytes;
    this.options.divert(outgoing, cause);
  }

  private async deliver(group: readonly Outgoing[]): Promise<void> {
    while (group.length > 0 && !this.stopping.signal.aborted) {
      await this.options.permitted();
      const error = await this.attempt(group);
      if (this.stopping.signal.aborted) return;
      if (error === undefined) return this.settle(group);
      if (this.options.isRecordFault(error)) return this.isolate(group, error);
      await this.backOff(error);
    }
  }

  private async attempt(group: readonly Outgoing[]): Promise<Error | undefined> {
    try {
      await this.options.send(group.map(({ record }) => record));
      this.failures = 0;
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  private settle(group: readonly Outgoing[]): void {
    for (const outgoing of group) {
      this.bytes -= outgoing.bytes;
      outgoing.settled('published');
    }
    this.options.onAcknowledged(group.length);
  }

  /** Finds the record that the brokers refuse by sending one by one; those behind it in its stream are held from then on. */
  private async isolate(group: readonly Outgoing[], error: Error): Promise<void> {
    const [first] = group;
    if (group.length === 1 && first) return this.divert(first, error);
    for (const outgoing of group) {
      if (this.stopping.signal.aborted) return;
      if (!this.heldBack(outgoing)) await this.deliver([outgoing]);
    }
  }

  private async backOff(error: Error): Promise<void> {
    const waitMs = Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(this.failures, 10)) * (0.5 + Math.random() / 2);
    this.failures += 1;
    this.options.logger.warn(
      { attempt: this.failures, reason: error.message, wait_ms: Math.round(waitMs) },
      'relay.send_failed: the same records are sent again',
    );
    await sleep(waitMs, undefined, { signal: this.stopping.signal });
  }
}

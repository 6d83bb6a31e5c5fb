import { KafkaError, reasonOf } from './kafka-error.js';
import { acknowledge, bytesOf, callsOf, rejectOnce, type Call, type Waiting } from './pending-send.js';
import type { OutboundRecord } from './record.js';

/** What carries a group to the brokers. `send` without a preceding successful `connect` is an error. */
export interface Transport {
  connect(): Promise<void>;
  send(records: OutboundRecord[]): Promise<void>;
  isRefusal(error: unknown): boolean;
  abandon(): void;
}

export interface GroupSenderOptions {
  transport: Transport;
  pendingRecordsMax: number;
  pendingBytesMax: number;
  deadlineMs: number;
  /** asked between connecting and each request; its rejection means that nothing is sent */
  permitted?(): Promise<void>;
}

/** A broker's `max.message.bytes` counts the whole batch of a partition: below the smallest of `topics.yaml` (K20). */
const GROUP_BYTES_PER_TOPIC_MAX = 200_000;
const GROUP_RECORDS_MAX = 2_000;
/** The largest `max.message.bytes` of `topics.yaml`. */
const RECORD_BYTES_MAX = 1024 * 1024;

/**
 * After a request of several records the next starts at least this much later. A lone record never waits for it; a busy sender fills its requests instead of
 * making more of them, which costs broker and sender far more than the few milliseconds are worth.
 */
const REQUEST_INTERVAL_MS = 4;

/** Group send: one request in flight, and everything that waits goes into the next one, in order. */
export class GroupSender {
  private readonly waiting: Waiting[] = [];
  private recordCount = 0;
  private byteCount = 0;
  private pump: Promise<void> | undefined;
  private closed = false;
  private startedAt = -Infinity;
  private lastCount = 0;

  constructor(private readonly options: GroupSenderOptions) {}

  pending(): number {
    return this.recordCount;
  }

  send(records: OutboundRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const sizes = records.map(bytesOf);
    const refusal = this.refusalOf(sizes);
    if (refusal) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const call: Call = { remaining: records.length, settled: false, resolve, reject };
      records.forEach((record, index) =>
        this.waiting.push({ record, bytes: sizes[index] ?? 0, call, released: false }),
      );
      this.recordCount += records.length;
      this.byteCount += sizes.reduce((sum, bytes) => sum + bytes, 0);
      this.pump ??= this.run();
    });
  }

  /** Refuses new sends and waits for those accepted. */
  async close(): Promise<void> {
    this.closed = true;
    await this.pump;
  }

  /** Refuses new sends and drops what waits; what is in flight may still land. */
  abandon(): void {
    this.closed = true;
    this.fail([], new KafkaError('CLOSED', 'the producer was given up'));
  }

  private refusalOf(sizes: number[]): KafkaError | undefined {
    if (this.closed) return new KafkaError('CLOSED', 'the producer is closing; send before close()');
    if (sizes.some((bytes) => bytes > RECORD_BYTES_MAX)) {
      return new KafkaError(
        'RECORD_TOO_LARGE',
        `a record has more than ${RECORD_BYTES_MAX} bytes; store the body elsewhere and send a reference`,
      );
    }
    const bytes = sizes.reduce((sum, size) => sum + size, this.byteCount);
    if (this.recordCount + sizes.length <= this.options.pendingRecordsMax && bytes <= this.options.pendingBytesMax)
      return undefined;
    return new KafkaError(
      'BACKPRESSURE',
      `${this.recordCount} records (${this.byteCount} bytes) already wait for Kafka; slow down and send again`,
    );
  }

  private async run(): Promise<void> {
    // Sends of the same turn of the event loop share the first request.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      if (this.lastCount > 1) await pause(this.startedAt + REQUEST_INTERVAL_MS - performance.now());
      this.startedAt = performance.now();
      const group = this.takeGroup();
      this.lastCount = group.length;
      await this.sendGroup(group);
    }
    this.pump = undefined;
  }

  private takeGroup(): Waiting[] {
    const bytesPerTopic = new Map<string, number>();
    let count = 0;
    for (const { record, bytes } of this.waiting) {
      const total = (bytesPerTopic.get(record.topic) ?? 0) + bytes;
      const isFirstOfTopic = total === bytes;
      if (count === GROUP_RECORDS_MAX || (total > GROUP_BYTES_PER_TOPIC_MAX && !isFirstOfTopic)) break;
      bytesPerTopic.set(record.topic, total);
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private async sendGroup(group: Waiting[]): Promise<void> {
    try {
      await this.attempt(group);
    } catch (error) {
      if (!isRefused(error)) this.fail(group, error as KafkaError);
      else if (callsOf(group).length === 1) this.refuse(group, error);
      else await this.sendCallByCall(group);
    }
  }

  /** One caller's unacceptable record must not fail its neighbours: find it by sending each call's records alone. */
  private async sendCallByCall(group: Waiting[]): Promise<void> {
    for (const call of callsOf(group)) {
      const own = group.filter((waiting) => waiting.call === call);
      try {
        await this.attempt(own);
      } catch (error) {
        if (!isRefused(error)) return this.fail(group, error as KafkaError);
        this.refuse(own, error);
      }
    }
  }

  private async attempt(group: Waiting[]): Promise<void> {
    const { transport, deadlineMs } = this.options;
    const expired = deadline(deadlineMs);
    try {
      await notAttempted(Promise.race([transport.connect(), expired.promise]), 'no broker could be reached');
      if (this.options.permitted) await notAttempted(this.options.permitted(), 'it is not permitted any more');
      await Promise.race([transport.send(group.map(({ record }) => record)), expired.promise]);
    } catch (error) {
      transport.abandon();
      throw failureOf(error, transport.isRefusal(error));
    } finally {
      expired.cancel();
    }
    for (const waiting of group) {
      this.release(waiting);
      acknowledge(waiting.call);
    }
  }

  /** Rejects the one call that `own` belongs to, and forgets what else of it waits. */
  private refuse(own: Waiting[], error: KafkaError): void {
    const call = own[0]?.call;
    const behind = this.waiting.filter((waiting) => waiting.call === call);
    const kept = this.waiting.filter((waiting) => waiting.call !== call);
    this.waiting.splice(0, this.waiting.length, ...kept);
    for (const waiting of [...own, ...behind]) this.release(waiting);
    if (call) rejectOnce(call, error);
  }

  /** Whatever waits behind a failed group must not overtake it: its callers decide anew. */
  private fail(group: Waiting[], error: KafkaError): void {
    const message = `an earlier send failed (${error.message}); send again`;
    const behind = new KafkaError('SEND_NOT_ATTEMPTED', message, { cause: error });
    const waiting = this.waiting.splice(0);
    for (const entry of [...group, ...waiting]) this.release(entry);
    for (const { call } of group) rejectOnce(call, error);
    for (const { call } of waiting) rejectOnce(call, behind);
  }

  private release(waiting: Waiting): void {
    if (waiting.released) return;
    waiting.released = true;
    this.recordCount -= 1;
    this.byteCount -= waiting.bytes;
  }
}

function pause(ms: number): Promise<void> | undefined {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : undefined;
}

function isRefused(error: unknown): error is KafkaError {
  return error instanceof KafkaError && error.code === 'SEND_REFUSED';
}

async function notAttempted(condition: Promise<void>, otherwise: string): Promise<void> {
  try {
    await condition;
  } catch (error) {
    throw new KafkaError('SEND_NOT_ATTEMPTED', `${otherwise} (${reasonOf(error)}); send again later`, { cause: error });
  }
}

function failureOf(error: unknown, refused: boolean): KafkaError {
  if (error instanceof KafkaError && error.code === 'SEND_NOT_ATTEMPTED') return error;
  if (refused)
    return new KafkaError('SEND_REFUSED', `the broker refused a record: ${reasonOf(error)}`, { cause: error });
  return new KafkaError('SEND_OUTCOME_UNKNOWN', `the records may have landed or not: ${reasonOf(error)}; send again`, {
    cause: error,
  });
}

function deadline(milliseconds: number): { promise: Promise<never>; cancel(): void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no acknowledgement within ${milliseconds} ms`)), milliseconds);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

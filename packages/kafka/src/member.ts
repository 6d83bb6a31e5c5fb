import type { Consumer, ConsumerRunConfig, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { createClient, METADATA_MAX_AGE_MS, RETRY } from './client.js';
import { HEARTBEAT_INTERVAL_MS, heartbeatWhile } from './heartbeat.js';
import { toRecord } from './inbound-record.js';
import { Intake } from './intake.js';
import { KafkaError, reasonOf } from './kafka-error.js';
import { LagWatch } from './lag-watch.js';
import { checkCommittedOffsets, countPartitions } from './offset-check.js';
import type { InboundRecord, Logger } from './record.js';
import { joinIn, type Seat } from './seat-patch.js';
import type { SupervisedMember } from './supervisor.js';
import { typeFilter } from './type-filter.js';

export interface MemberOptions {
  brokers: string[];
  groupId: string;
  clientId: string;
  topics: string[];
  first?: ReadonlySet<string>;
  patient?: boolean;
  accepts(type: string): boolean;
  onRecords(records: InboundRecord[]): Promise<void>;
  /** records of this topic were gone before they were read */
  onSkipped?(topic: string): void;
  logger: Logger;
  /** the place in the group that its predecessor had and its successor gets */
  seat: Seat;
  /** this member is beyond use; told at most once */
  onFailure(error: Error): void;
}

const PATIENT_MS = 2_000;
const COMMIT_INTERVAL_MS = 500;
const COMMIT_DEADLINE_MS = 2_000;
const GROUP_RECORDS_MAX = 512;
const FETCH_STALL_MS = 25_000;
const LAG_LOOK_INTERVAL_MS = 30_000;
const HANDLER_DEADLINE_MS = 60_000;

/** One membership of a consumer group, from join to leave or failure; never restarted, always replaced (K6). */
export class Member implements SupervisedMember {
  private readonly intake: Intake;
  private readonly kafka: Kafka;
  private consumer: Consumer | undefined;
  private starting: Promise<void> | undefined;
  private readonly lagWatch: LagWatch;
  private lagStall: KafkaError | undefined;
  private commitTimer: NodeJS.Timeout | undefined;
  private lagTimer: NodeJS.Timeout | undefined;
  private committing: Promise<void> | undefined;
  private lastFetchAt = Date.now();
  private failed = false;
  private stopping = false;
  private readonly assignment = new Set<string>();
  private readonly isAccepted: (message: KafkaMessage) => boolean;
  private readonly seat: Seat;

  constructor(private readonly options: MemberOptions) {
    // Beside a predecessor that is left behind and may come back to life, this one comes as somebody new.
    this.seat = options.seat.taken ? {} : options.seat;
    this.seat.taken = true;
    this.isAccepted = typeFilter(options.accepts);
    this.intake = new Intake({
      onRecords: (records) => options.onRecords(records),
      onFailure: (error) => this.fail(error),
      groupRecordsMax: GROUP_RECORDS_MAX,
      ...(options.first && { first: options.first }),
      pendingRecordsMax: 2 * GROUP_RECORDS_MAX,
      pendingBytesMax: 16 * 1024 * 1024,
      now: Date.now,
    });
    this.kafka = createClient({ ...options, onLogLine: (line, fields) => this.watchLog(line, fields) });
    this.lagWatch = new LagWatch(this.kafka, options.groupId);
  }

  start(): Promise<void> {
    this.starting = this.join();
    return this.starting;
  }

  private async join(): Promise<void> {
    const { groupId, topics, logger, onSkipped } = this.options;
    const partitions = await countPartitions(this.kafka, topics);
    await checkCommittedOffsets(this.kafka, { groupId, topics, logger, ...(onSkipped && { onSkipped }) });
    const consumer = this.createConsumer();
    this.consumer = consumer;
    this.listen(consumer);
    await consumer.connect();
    // K11: with `fromBeginning: false` an offset out of range skips records silently; repeats are dropped by the inbox.
    await consumer.subscribe({ topics, fromBeginning: true });
    const consuming: ConsumerRunConfig = {
      // K21: offsets are committed in the background after the work is durable; a commit on the path costs 6 ms.
      autoCommit: false,
      eachBatchAutoResolve: false,
      // K19: with fewer workers than partitions, one slow partition holds up the others.
      partitionsConsumedConcurrently: partitions,
      eachBatch: (payload) => this.takeBatch(payload),
    };
    await joinIn(this.seat, () => consumer.run(consuming));
    if (this.stopping) return;
    this.commitTimer = setInterval(() => void this.commit(), COMMIT_INTERVAL_MS);
    this.lagTimer = setInterval(() => void this.lookAtLag(), LAG_LOOK_INTERVAL_MS);
  }

  /** Finishes the group at hand, commits, leaves the group (K9) and disconnects. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.commitTimer);
    clearInterval(this.lagTimer);
    await this.intake.close();
    // K22: kafkajs goes on consuming when it is disconnected before its run resolved.
    await this.starting?.catch(() => undefined);
    await this.commit();
    await this.consumer?.disconnect();
    this.seat.taken = false;
  }

  assigned(): number {
    return this.assignment.size;
  }

  lagSeconds(): number {
    return this.intake.lagSeconds();
  }

  progressAt(): number {
    return this.intake.lastHandledAt;
  }

  /** K7: heartbeats go on while nothing is fetched, so only fetches and handled groups count as life. */
  stalled(now: number): KafkaError | undefined {
    if (this.lagStall) return this.lagStall;
    const busySince = this.intake.busySince();
    if (busySince !== undefined) {
      if (now - busySince <= HANDLER_DEADLINE_MS) return undefined;
      return new KafkaError(
        'HANDLER_STALLED',
        `a group of records has been handled for more than ${HANDLER_DEADLINE_MS} ms`,
      );
    }
    if (now - Math.max(this.lastFetchAt, this.intake.lastHandledAt) <= FETCH_STALL_MS) return undefined;
    return new KafkaError('CONSUMER_STALLED', `no fetch has come back for more than ${FETCH_STALL_MS} ms`);
  }

  private createConsumer(): Consumer {
    return this.kafka.consumer({
      groupId: this.options.groupId,
      // K12: after a SIGKILL the group waits for the dead member's session, then for the rebalance.
      sessionTimeout: 6_000,
      rebalanceTimeout: 3_000,
      heartbeatInterval: this.options.patient ? PATIENT_MS : HEARTBEAT_INTERVAL_MS,
      // Answered as soon as one byte is there. The wait is short because kafkajs heartbeats between fetches (K8).
      minBytes: 1,
      maxWaitTimeInMs: this.options.patient ? PATIENT_MS : 500,
      // K20: soft limits; what is in flight is bounded by these and by the intake. Every partition gives as much to a fetch: with little of
      // each, what comes on a quiet topic does not wait for a long backlog of another, and fewer records lie about in memory.
      maxBytesPerPartition: 128 * 1024,
      maxBytes: 4 * 1024 * 1024,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      retry: RETRY,
    });
  }

  private listen(consumer: Consumer): void {
    const { events } = consumer;
    consumer.on(events.FETCH, () => (this.lastFetchAt = Date.now()));
    consumer.on(events.END_BATCH_PROCESS, ({ payload }) =>
      this.lagWatch.note(payload.topic, payload.partition, payload.lastOffset),
    );
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      // What waits was fetched under the old assignment and is fetched again under the new one.
      this.intake.dropWaiting();
      this.seat.memberId = payload.memberId;
      this.lastFetchAt = Date.now();
      this.assignment.clear();
      for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
        for (const partition of partitions) this.assignment.add(`${topic}/${partition}`);
      }
    });
    // K5, K6: whatever kafkajs makes of a crash, this member is done.
    consumer.on(events.CRASH, ({ payload }) => {
      this.fail(new KafkaError('CONSUMER_CRASHED', reasonOf(payload.error), { cause: payload.error }));
    });
  }

  /** K5: never throws for a record. The offset is resolved on hand-over, so that the next fetch brings the next records. */
  private async takeBatch({ batch, resolveOffset, heartbeat, pause }: EachBatchPayload): Promise<void> {
    const lastOffset = batch.lastOffset();
    resolveOffset(lastOffset);
    const records = batch.messages
      .filter(this.isAccepted)
      .map((message) => toRecord(batch.topic, batch.partition, message));
    const offered = this.intake.offer({
      topic: batch.topic,
      partition: batch.partition,
      records,
      bytes: records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
      nextOffset: String(BigInt(lastOffset) + 1n),
      pause,
    });
    await heartbeatWhile(offered, heartbeat);
  }

  /** K21: a failed commit is ignored: the records come again and are dropped as repeats. */
  private commit(): Promise<void> {
    this.committing ??= this.commitHandled().finally(() => (this.committing = undefined));
    return this.committing;
  }

  private async commitHandled(): Promise<void> {
    const offsets = this.intake
      .takeHandled()
      .filter(({ topic, partition }) => this.assignment.has(`${topic}/${partition}`))
      .map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: nextOffset }));
    if (offsets.length === 0 || !this.consumer) return;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<void>((resolve) => (timer = setTimeout(resolve, COMMIT_DEADLINE_MS)));
    const committed = this.consumer.commitOffsets(offsets).catch((error: unknown) => {
      this.options.logger.debug({ reason: reasonOf(error) }, 'offsets not committed; their records may come again');
    });
    await Promise.race([committed, expired]);
    clearTimeout(timer);
  }

  private async lookAtLag(): Promise<void> {
    if (this.intake.busySince() !== undefined) return;
    // A look that fails says nothing about the consumer; unreachable brokers show in the fetches.
    this.lagStall ??= await this.lagWatch.look(this.assignment).catch(() => undefined);
  }

  private fail(error: Error): void {
    if (this.failed || this.stopping) return;
    this.failed = true;
    this.options.onFailure(error);
  }

  /** K11: kafkajs resets an offset that is out of range with this line and nothing else. */
  private watchLog(line: string, fields: object): void {
    if (!line.startsWith('Offset out of range')) return;
    const { groupId, logger } = this.options;
    this.options.onSkipped?.(String((fields as { topic?: unknown }).topic));
    logger.error(
      { ...fields, groupId, alarm: 'OFFSET_OUT_OF_RANGE' },
      'records were deleted before they were read; reading on from the oldest one kept',
    );
  }
}

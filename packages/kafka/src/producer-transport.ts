import kafkajs, { type ICustomPartitioner, type Kafka, type Producer as KafkaJsProducer } from 'kafkajs';
import { METADATA_MAX_AGE_MS, RETRY } from './client.js';
import type { Transport } from './group-sender.js';
import { KafkaError, reasonOf } from './kafka-error.js';
import type { Logger, OutboundRecord } from './record.js';

/** What a broker says of records that it will never take. */
const REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
]);

/** Brokers forget a transactional id after 7 days without `InitProducerId`, and with it which epoch is the last. */
const FENCE_AGE_MS_MAX = 24 * 60 * 60 * 1_000;

interface Incarnation {
  producer: KafkaJsProducer;
  abandoned: boolean;
  readonly since: number;
}

/**
 * One idempotent kafkajs producer at a time, replaced after every failure. kafkajs winds its sequence numbers back when a
 * request fails; had the request landed after all, the broker would take the next, different batch for its repeat,
 * acknowledge it and throw it away (K14). A new producer has a new id and can't collide.
 */
export class KafkaTransport implements Transport {
  private current: Incarnation | undefined;
  private joining: Incarnation | undefined;
  private disposed = false;
  private connecting: Promise<void> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly logger: Logger,
    /** shuts out whoever connected with it before; see `Fence` */
    private readonly fenceId?: string,
  ) {}

  connect(): Promise<void> {
    if (this.fenceId !== undefined && this.current && performance.now() - this.current.since > FENCE_AGE_MS_MAX) {
      this.abandon();
    }
    if (this.current) return Promise.resolve();
    this.connecting ??= this.replace().finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  private async replace(): Promise<void> {
    const incarnation = this.createIncarnation();
    this.joining = incarnation;
    try {
      if (this.disposed) throw new Error('given up');
      await incarnation.producer.connect();
      if (this.disposed) throw new Error('given up');
    } catch (error) {
      this.discard(incarnation);
      throw new KafkaError(
        'BROKER_UNAVAILABLE',
        `can't connect a producer (${reasonOf(error)}); check KAFKA_BROKERS and that a broker runs`,
        { cause: error },
      );
    } finally {
      this.joining = undefined;
    }
    this.current = incarnation;
  }

  async send(records: OutboundRecord[]): Promise<void> {
    if (!this.current) throw new KafkaError('BROKER_UNAVAILABLE', 'the producer is not connected');
    const topicMessages = [...groupByTopic(records)].map(([topic, messages]) => ({ topic, messages }));
    // acks -1: a resolved send is on every in-sync replica (K14)
    await this.current.producer.sendBatch({ topicMessages, acks: -1, timeout: 10_000 });
  }

  /** Whether the broker's answer says that records of the request will never be taken. */
  isRefusal(error: unknown): boolean {
    for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
      if ('type' in cause && REFUSALS.has(String(cause.type))) return true;
    }
    return false;
  }

  /** Drops the producer: its retries stop and its connection closes in the background. */
  abandon(): void {
    if (this.current) this.discard(this.current);
    this.current = undefined;
  }

  /** Gives up for good, also the connection that is being made. */
  dispose(): void {
    this.disposed = true;
    if (this.joining) this.discard(this.joining);
    this.abandon();
  }

  async close(): Promise<void> {
    const closing = this.current;
    this.current = undefined;
    if (closing) await closing.producer.disconnect();
  }

  private createIncarnation(): Incarnation {
    const incarnation: Incarnation = {
      abandoned: false,
      since: performance.now(),
      producer: this.kafka.producer({
        idempotent: true,
        ...(this.fenceId === undefined ? {} : { transactionalId: this.fenceId }),
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: stoppable(() => incarnation.abandoned),
        metadataMaxAge: METADATA_MAX_AGE_MS,
        retry: RETRY,
      }),
    };
    return incarnation;
  }

  private discard(incarnation: Incarnation): void {
    incarnation.abandoned = true;
    incarnation.producer.disconnect().catch((error: unknown) => {
      this.logger.debug({ reason: reasonOf(error) }, 'an abandoned producer did not close cleanly');
    });
  }
}

/**
 * Java's default partitioner, by name (K14). It doubles as the stop of an abandoned producer: every retry asks it for
 * partitions, and kafkajs has no other way to end its retries.
 */
function stoppable(isAbandoned: () => boolean): ICustomPartitioner {
  return () => {
    const partitionOf = kafkajs.Partitioners.DefaultPartitioner();
    return (args) => {
      if (isAbandoned()) throw new kafkajs.KafkaJSNonRetriableError('this producer was given up');
      return partitionOf(args);
    };
  };
}

function groupByTopic(
  records: OutboundRecord[],
): Map<string, { key: string; value: Buffer; headers: Record<string, string> }[]> {
  const byTopic = new Map<string, { key: string; value: Buffer; headers: Record<string, string> }[]>();
  for (const { topic, key, value, headers } of records) {
    const messages = byTopic.get(topic);
    if (messages) messages.push({ key, value, headers });
    else byTopic.set(topic, [{ key, value, headers }]);
  }
  return byTopic;
}

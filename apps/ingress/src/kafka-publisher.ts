import type { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import type { Producer } from '@towpath/kafka/producer';
import type { ProviderStory } from '@towpath/service-kit/provider-story';
import type { TraceHeaders } from '@towpath/service-kit/tracing/trace-headers';
import { DeliverySpans } from './delivery-spans.js';
import type { LagProbe } from './lag-probe.js';
import { receivedRecord, rejectedRecord } from './message.js';
import type { DeliveryPublisher } from './receive-delivery.js';
import type { Refusal } from './refusal.js';
import type { SchemaIds } from './schema-ids.js';

/** What publishing needs, once it is there. */
export interface Connection {
  readonly producer: Pick<Producer, 'send' | 'pending' | 'close'>;
  readonly schemaIds: SchemaIds;
}

export interface KafkaPublisherOptions {
  connect(): Promise<Connection>;
  readonly lag: Pick<LagProbe, 'touch' | 'ageSeconds'>;
  readonly pendingMax: number;
  readonly lagSecondsMax: number;
  /** default: nothing is traced */
  readonly spans?: DeliverySpans;
  onFailure(error: Error): void;
  /** told about each delivery once Kafka has it, with the story it belongs to */
  onPublished(delivery: WebhookReceived, story: string): void;
}

/** Rejections published per second at most, so that a flood of bad deliveries can't become one on Kafka. */
const REJECTIONS_PER_SECOND = 50;
const REJECTIONS_PENDING_MAX = 100;
const RECONNECT_MS = 1_000;
const OVERLOADED_RETRY_SECONDS = 5;
const UNAVAILABLE_RETRY_SECONDS = 2;

/** Publishes to Kafka, connecting for as long as it takes; until then, and under too much load, it says no at once. */
export class KafkaPublisher implements DeliveryPublisher {
  private connection: Connection | null = null;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly spans: DeliverySpans;
  private rejections = { second: 0, count: 0, pending: 0 };
  /** why there is no connection; for `/readyz` */
  problem: string | undefined = 'not connected to Kafka yet';

  constructor(private readonly options: KafkaPublisherOptions) {
    this.spans = options.spans ?? new DeliverySpans(undefined);
  }

  /** Resolves after the first attempt, whether it worked or not; goes on trying each second. */
  async open(): Promise<void> {
    try {
      const connection = await this.options.connect();
      if (this.closed) return await connection.producer.close();
      this.connection = connection;
      this.problem = undefined;
    } catch (error) {
      this.problem = (error as Error).message;
      this.options.onFailure(error as Error);
      if (!this.closed) this.timer = setTimeout(() => void this.open(), RECONNECT_MS);
    }
  }

  /** Sends what waits and disconnects. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.connection?.producer.close();
  }

  /** records that Kafka has not acknowledged yet */
  get pending(): number {
    return this.connection?.producer.pending() ?? 0;
  }

  overload(nowMs: number): Refusal | null {
    const { lag, lagSecondsMax, pendingMax } = this.options;
    if (this.connection === null) return UNAVAILABLE;
    if (this.connection.producer.pending() >= pendingMax) return PENDING;
    lag.touch(nowMs);
    return lag.ageSeconds(nowMs) > lagSecondsMax ? LAGGING : null;
  }

  async publish(delivery: WebhookReceived, trace: TraceHeaders, story?: ProviderStory): Promise<Refusal | null> {
    const { connection } = this;
    if (connection === null) return UNAVAILABLE;
    // Bodies that were on their way when the limit was reached are bounded by this second look.
    if (connection.producer.pending() >= this.options.pendingMax) return PENDING;
    const sending = this.spans.sending(delivery, trace);
    try {
      const schemaId = schemaIdOf(connection, 'webhooks.v1.WebhookReceived');
      await connection.producer.send([receivedRecord(delivery, schemaId, sending.trace, story)]);
      sending.ended();
      this.options.onPublished(delivery, story?.correlationId ?? delivery.deliveryId);
      return null;
    } catch (error) {
      sending.ended(error as Error);
      this.options.onFailure(error as Error);
      return UNAVAILABLE;
    }
  }

  /** Publishes a rejection when there is room for it; never waits, never fails. Tells whether it was tried. */
  reject(rejection: Parameters<typeof rejectedRecord>[0]): boolean {
    const second = Math.floor(rejection.receivedAt / 1000);
    if (second !== this.rejections.second) Object.assign(this.rejections, { second, count: 0 });
    const { connection, rejections } = this;
    const isFull = rejections.count >= REJECTIONS_PER_SECOND || rejections.pending >= REJECTIONS_PENDING_MAX;
    if (connection === null || isFull) return false;
    rejections.count++;
    rejections.pending++;
    const record = rejectedRecord(rejection, schemaIdOf(connection, 'webhooks.v1.DeliveryRejected'));
    connection.producer
      .send([record])
      .catch((error: unknown) => this.options.onFailure(error as Error))
      .finally(() => rejections.pending--);
    return true;
  }
}

const UNAVAILABLE: Refusal = {
  code: 'BROKER_UNAVAILABLE',
  detail: 'The delivery could not be stored for certain; send it again, a repeat does no harm.',
  retryAfterSeconds: UNAVAILABLE_RETRY_SECONDS,
};
const PENDING: Refusal = {
  code: 'OVERLOADED',
  detail: 'Too many deliveries wait to be stored; send again later.',
  retryAfterSeconds: OVERLOADED_RETRY_SECONDS,
};
const LAGGING: Refusal = {
  code: 'OVERLOADED',
  detail: 'Earlier deliveries have waited too long to be handled; send again later.',
  retryAfterSeconds: OVERLOADED_RETRY_SECONDS,
};

function schemaIdOf({ schemaIds }: Connection, type: string): number {
  const id = schemaIds.get(type);
  if (id === undefined) throw new Error(`SCHEMA_UNKNOWN: no schema id for ${type}; run \`towpath setup\`.`);
  return id;
}

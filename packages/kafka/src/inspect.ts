import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import { Channel } from './channel.js';
import { createClient, METADATA_MAX_AGE_MS, RETRY, type ClientOptions } from './client.js';
import { headersOf, toRecord } from './inbound-record.js';
import { reasonOf } from './kafka-error.js';
import { rangesOf, type Extent, type Ranges } from './ranges.js';
import type { InboundRecord, RawHeader } from './record.js';
import type { Registry } from './registry.js';
import { TimeMerge } from './time-merge.js';

/** What a read has gone through so far, wanted or not. */
export interface Scanned {
  records: number;
  /** of keys, values and headers */
  bytes: number;
}

export interface InspectOptions extends ClientOptions, Extent {
  /** goes on with what arrives; without it the read ends at what was there when it began */
  follow?: boolean;
  /** only these `ce_type`s; the rest isn't decoded */
  types?: string[];
  key?: string;
  /** asked of each decoded record; what it throws ends the read */
  accepts?(record: InspectedRecord): boolean;
  /** counted up while the read goes on */
  scanned?: Scanned;
  /** decodes the values; without it they stay bytes */
  registry?: Registry;
  /** ends a read that follows */
  signal?: AbortSignal;
  /** merges the partitions by the time of their records; for a read that does not follow */
  byTime?: boolean;
}

export interface InspectedRecord extends InboundRecord {
  type: string;
  /** bytes of key, value and headers */
  size: number;
  /** every header as it came, repeated ones too, those of one name together */
  headerList: readonly RawHeader[];
  /** by which the value was decoded */
  schemaId?: number;
  /** the decoded value; absent for a tombstone, without a registry and when it can't be decoded */
  data?: unknown;
  /** why the value could not be decoded */
  undecodable?: string;
}

/** What is read, by topic. */
export type TopicRanges = ReadonlyMap<string, Ranges>;

type ReadOptions = Omit<InspectOptions, keyof Extent> & Pick<Extent, 'partitions'>;

const CHANNEL_RECORDS_MAX = 500;

/** Where a read puts its records: in the order they come, or merged by time. */
type Sink = Pick<Channel<InspectedRecord>, 'push' | 'end' | 'isEnded'> &
  Partial<Pick<TimeMerge<InspectedRecord>, 'batchDone' | 'finish'>>;

const START_ATTEMPTS_MAX = 8;
const START_PAUSE_MS = 500;

/**
 * Reads a topic without being part of any group that stays: a group of its own, deleted at the end. Each partition's
 * records come in order, with `byTime` those of all partitions by the time they were produced. Memory is bounded: what isn't taken isn't fetched. Throws `TOPIC_MISSING`, `PARTITION_MISSING`.
 */
export async function* inspect(options: InspectOptions): AsyncGenerator<InspectedRecord> {
  yield* read(options, async (admin) => new Map([[options.topic, await rangesOf(admin, options)]]));
}

/**
 * Reads these ranges of several topics with one member of one such group: many topics take no longer to begin than one. Each
 * partition's records come in order.
 */
export function inspectRanges(options: ClientOptions, topics: TopicRanges): AsyncGenerator<InspectedRecord> {
  return read(options, () => Promise.resolve(topics));
}

async function* read(options: ReadOptions, rangesWith: (admin: Admin) => Promise<TopicRanges>) {
  const kafka = createClient(options);
  const admin = kafka.admin();
  await admin.connect();
  const groupId = `towpath-inspect-${randomUUID()}`;
  let consumer: Consumer | undefined;
  let channel: (Sink & AsyncIterable<InspectedRecord>) | undefined;
  const abort = (): void => channel?.end();
  options.signal?.addEventListener('abort', abort);
  try {
    const topics = await rangesWith(admin);
    const unfinished = unfinishedOf(topics);
    if (!options.follow && unfinished.length === 0) return;
    channel = options.byTime
      ? new TimeMerge<InspectedRecord>(
          unfinished.map(({ partition }) => partition),
          CHANNEL_RECORDS_MAX,
        )
      : new Channel<InspectedRecord>(CHANNEL_RECORDS_MAX);
    if (options.signal?.aborted) abort();
    consumer = await startFeeding(() => createConsumer(kafka, groupId), channel, options, topics);
    yield* channel;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    channel?.end();
    await consumer?.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined); // a read that ended before it joined has none
    await admin.disconnect();
  }
}

function unfinishedOf(topics: TopicRanges): { topic: string; partition: number }[] {
  return [...topics].flatMap(([topic, ranges]) =>
    [...ranges].flatMap(([partition, { start, end }]) => (start < end ? [{ topic, partition }] : [])),
  );
}

function createConsumer(kafka: Kafka, groupId: string): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout: 6_000,
    rebalanceTimeout: 3_000,
    heartbeatInterval: 1_000,
    maxWaitTimeInMs: 250,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    retry: RETRY,
  });
}

/**
 * A consumer that feeds the channel. While a broker has just come back, kafkajs may give a consumer up between joining
 * and seeking, so a start that fails is made again with another one.
 */
async function startFeeding(
  create: () => Consumer,
  channel: Sink,
  options: ReadOptions,
  topics: TopicRanges,
): Promise<Consumer> {
  for (let attempt = 1; ; attempt += 1) {
    const consumer = create();
    try {
      await feed(consumer, channel, options, topics);
      return consumer;
    } catch (error) {
      await consumer.disconnect().catch(() => undefined);
      if (attempt === START_ATTEMPTS_MAX || channel.isEnded) throw error;
      await delay(START_PAUSE_MS);
    }
  }
}

async function feed(consumer: Consumer, channel: Sink, options: ReadOptions, topics: TopicRanges): Promise<void> {
  const nameOf = (topic: string, partition: number): string => `${topic}/${partition}`;
  const unfinished = new Set(unfinishedOf(topics).map(({ topic, partition }) => nameOf(topic, partition)));
  // This event also tells of batches that hold nothing but transaction markers, which `eachBatch` never sees.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    const range = topics.get(topic)?.get(partition);
    const isRead = range !== undefined && BigInt(lastOffset) + 1n >= range.end;
    if (isRead && unfinished.delete(nameOf(topic, partition))) channel.finish?.(partition);
    if (!options.follow && unfinished.size === 0) channel.end();
  });
  let isStarted = false;
  consumer.on(consumer.events.CRASH, ({ payload }) => isStarted && channel.end(payload.error));
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics.keys()], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, heartbeat, isStale, pause }) => {
      const range = topics.get(batch.topic)?.get(batch.partition) ?? addedMeanwhile(options);
      if (range === undefined) return void pause();
      for (const message of batch.messages) {
        if (isStale() || BigInt(message.offset) < range.start) continue;
        if (!options.follow && BigInt(message.offset) >= range.end) break;
        const record = await wanted(toRecord(batch.topic, batch.partition, message), headersOf(message), options);
        if (record && !(await pushAccepted(record, channel, options))) return;
        // What was handed over once is not handed over again by another attempt.
        range.start = BigInt(message.offset) + 1n;
        await heartbeat();
      }
      channel.batchDone?.(batch.partition, pause);
    },
  });
  for (const [topic, ranges] of topics)
    for (const [partition, { start }] of ranges) consumer.seek({ topic, partition, offset: start.toString() });
  isStarted = true;
}

/** A partition that was added meanwhile is read whole by a read that follows all of them, and not at all by another. */
function addedMeanwhile({ partitions, follow }: ReadOptions): { start: bigint; end: bigint } | undefined {
  return partitions || !follow ? undefined : { start: 0n, end: 0n };
}

/** Counts the record, and decodes it when type and key are those asked for. */
async function wanted(
  record: InboundRecord,
  headerList: readonly RawHeader[],
  { types, key, registry, scanned }: ReadOptions,
): Promise<InspectedRecord | undefined> {
  const size = sizeOf(record, headerList);
  if (scanned) {
    scanned.records += 1;
    scanned.bytes += size;
  }
  const type = record.headers.ce_type ?? '';
  if (types && !types.includes(type)) return undefined;
  if (key !== undefined && record.key?.toString() !== key) return undefined;
  const inspected: InspectedRecord = { ...record, type, size, headerList };
  if (registry && record.value !== null) await decodeInto(inspected, record.value, registry);
  return inspected;
}

/** False when nobody reads any more. What `accepts` throws reaches the reader. */
async function pushAccepted(record: InspectedRecord, channel: Sink, { accepts }: ReadOptions): Promise<boolean> {
  try {
    return accepts?.(record) === false || (await channel.push(record));
  } catch (error) {
    channel.end(error instanceof Error ? error : new Error(String(error)));
    return false;
  }
}

export async function decodeInto(record: InspectedRecord, value: Buffer, registry: Registry): Promise<void> {
  try {
    const { data, schemaId } = await registry.decode(value);
    record.data = data;
    record.schemaId = schemaId;
  } catch (error) {
    record.undecodable = reasonOf(error);
  }
}

/** Bytes of key, value and headers. */
export function sizeOf({ key, value }: InboundRecord, headerList: readonly RawHeader[]): number {
  const headers = headerList.reduce((sum, [name, bytes]) => sum + Buffer.byteLength(name) + (bytes?.length ?? 0), 0);
  return (key?.length ?? 0) + (value?.length ?? 0) + headers;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import { Channel } from './channel.js';
import { createClient, METADATA_MAX_AGE_MS, RETRY, type ClientOptions } from './client.js';
import { toRecord } from './inbound-record.js';
import { KafkaError, reasonOf } from './kafka-error.js';
import type { InboundRecord } from './record.js';
import type { Registry } from './registry.js';

/** Where to begin, on every partition. */
export type StartingPoint = 'beginning' | 'latest' | { offset: string } | { time: Date };

export interface InspectOptions extends ClientOptions {
  topic: string;
  from: StartingPoint;
  /** goes on with what arrives; without it the read ends at what was there when it began */
  follow?: boolean;
  /** only these `ce_type`s */
  types?: string[];
  key?: string;
  /** decodes the values; without it they stay bytes */
  registry?: Registry;
  /** ends a read that follows */
  signal?: AbortSignal;
}

export interface InspectedRecord extends InboundRecord {
  type: string;
  /** the decoded value; absent for a tombstone, without a registry and when it can't be decoded */
  data?: unknown;
  /** why the value could not be decoded */
  undecodable?: string;
}

const CHANNEL_RECORDS_MAX = 500;
const START_ATTEMPTS_MAX = 8;
const START_PAUSE_MS = 500;

/**
 * Reads a topic without being part of any group that stays: a group of its own, deleted at the end. Each partition's
 * records come in order. Memory is bounded: what isn't taken isn't fetched. Throws `TOPIC_MISSING`.
 */
export async function* inspect(options: InspectOptions): AsyncGenerator<InspectedRecord> {
  const kafka = createClient(options);
  const admin = kafka.admin();
  await admin.connect();
  const channel = new Channel<InspectedRecord>(CHANNEL_RECORDS_MAX);
  const groupId = `towpath-inspect-${randomUUID()}`;
  let consumer: Consumer | undefined;
  const abort = (): void => channel.end();
  options.signal?.addEventListener('abort', abort);
  try {
    const ranges = await rangesOf(admin, options);
    if (!options.follow && [...ranges.values()].every(({ start, end }) => start >= end)) return;
    consumer = await startFeeding(() => createConsumer(kafka, groupId), channel, options, ranges);
    yield* channel;
  } finally {
    options.signal?.removeEventListener('abort', abort);
    channel.end();
    await consumer?.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined); // a read that ended before it joined has none
    await admin.disconnect();
  }
}

/** By partition: the first offset wanted, and the one before which a read that doesn't follow ends. */
type Ranges = Map<number, { start: bigint; end: bigint }>;

async function rangesOf(admin: Admin, { topic, from }: InspectOptions): Promise<Ranges> {
  if (!(await admin.listTopics()).includes(topic)) {
    throw new KafkaError('TOPIC_MISSING', `no topic ${topic}; \`towpath topics list\` shows those there are`);
  }
  const ends = await admin.fetchTopicOffsets(topic);
  const byTime =
    typeof from === 'object' && 'time' in from
      ? await admin.fetchTopicOffsetsByTimestamp(topic, from.time.getTime())
      : [];
  const timed = new Map(byTime.map(({ partition, offset }) => [partition, BigInt(offset)]));
  return new Map(
    ends.map(({ partition, low, high }) => {
      const bounds = { low: BigInt(low), end: BigInt(high) };
      return [partition, { start: startOf(from, bounds, timed.get(partition)), end: bounds.end }];
    }),
  );
}

function startOf(from: StartingPoint, { low, end }: { low: bigint; end: bigint }, timed: bigint | undefined): bigint {
  if (from === 'beginning') return low;
  if (from === 'latest') return end;
  const wanted = 'offset' in from ? BigInt(from.offset) : (timed ?? end);
  return wanted < low ? low : wanted > end ? end : wanted;
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
  channel: Channel<InspectedRecord>,
  options: InspectOptions,
  ranges: Ranges,
): Promise<Consumer> {
  for (let attempt = 1; ; attempt += 1) {
    const consumer = create();
    try {
      await feed(consumer, channel, options, ranges);
      return consumer;
    } catch (error) {
      await consumer.disconnect().catch(() => undefined);
      if (attempt === START_ATTEMPTS_MAX || channel.isEnded) throw error;
      await delay(START_PAUSE_MS);
    }
  }
}

async function feed(
  consumer: Consumer,
  channel: Channel<InspectedRecord>,
  options: InspectOptions,
  ranges: Ranges,
): Promise<void> {
  const unfinished = new Set([...ranges].filter(([, { start, end }]) => start < end).map(([partition]) => partition));
  // This event also tells of batches that hold nothing but transaction markers, which `eachBatch` never sees.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    const range = ranges.get(partition);
    if (range && BigInt(lastOffset) + 1n >= range.end) unfinished.delete(partition);
    if (!options.follow && unfinished.size === 0) channel.end();
  });
  let isStarted = false;
  consumer.on(consumer.events.CRASH, ({ payload }) => isStarted && channel.end(payload.error));
  await consumer.connect();
  await consumer.subscribe({ topics: [options.topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, heartbeat, isStale }) => {
      // A partition that was added meanwhile is read whole by a read that follows, and not at all by another.
      const range = ranges.get(batch.partition) ?? { start: 0n, end: 0n };
      for (const message of batch.messages) {
        if (isStale() || BigInt(message.offset) < range.start) continue;
        if (!options.follow && BigInt(message.offset) >= range.end) break;
        const record = toRecord(batch.topic, batch.partition, message);
        if (isWanted(record, options) && !(await channel.push(await decoded(record, options.registry)))) return;
        // What was handed over once is not handed over again by another attempt.
        range.start = BigInt(message.offset) + 1n;
        await heartbeat();
      }
    },
  });
  for (const [partition, { start }] of ranges)
    consumer.seek({ topic: options.topic, partition, offset: start.toString() });
  isStarted = true;
}

function isWanted({ headers, key }: InboundRecord, options: InspectOptions): boolean {
  if (options.types && !options.types.includes(headers.ce_type ?? '')) return false;
  return options.key === undefined || key?.toString() === options.key;
}

async function decoded(record: InboundRecord, registry: Registry | undefined): Promise<InspectedRecord> {
  const inspected: InspectedRecord = { ...record, type: record.headers.ce_type ?? '' };
  if (!registry || record.value === null) return inspected;
  try {
    inspected.data = (await registry.decode(record.value)).data;
  } catch (error) {
    inspected.undecodable = reasonOf(error);
  }
  return inspected;
}

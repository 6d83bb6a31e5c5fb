import { randomUUID } from 'node:crypto';
import type { Admin, Consumer } from 'kafkajs';
import { Channel } from './channel.js';
import { createClient, METADATA_MAX_AGE_MS, RETRY, type ClientOptions } from './client.js';
import { headersOf, toRecord } from './inbound-record.js';
import { decodeInto, sizeOf, type InspectedRecord } from './inspect.js';
import type { Registry } from './registry.js';

export interface FollowOptions extends ClientOptions {
  topics: string[];
  /** records of this time and later; those that arrive while the follower still joins are not missed */
  from: Date;
  registry: Registry;
  /** by the `ce_type` header; the rest isn't decoded. Default: all */
  accepts?(type: string): boolean;
  /** ends it */
  signal: AbortSignal;
}

const CHANNEL_RECORDS_MAX = 500;
/** A poll waits this long when nothing comes; what comes is answered at once. Also what ending costs at most. */
const POLL_MS = 1_000;

/**
 * Follows many topics with one member of a group of its own, which is deleted at the end: idle it costs one request a second,
 * however many topics there are. Each partition's records come in order. Topics that don't exist are left out.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<InspectedRecord> {
  const kafka = createClient(options);
  const admin = kafka.admin();
  await admin.connect();
  const channel = new Channel<InspectedRecord>(CHANNEL_RECORDS_MAX);
  const groupId = `towpath-follow-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 3_000,
    maxWaitTimeInMs: POLL_MS,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    retry: RETRY,
  });
  const abort = (): void => channel.end();
  options.signal.addEventListener('abort', abort);
  if (options.signal.aborted) abort();
  try {
    const starts = await startsOf(admin, options);
    await feed(consumer, channel, options, starts);
    yield* channel;
  } finally {
    options.signal.removeEventListener('abort', abort);
    channel.end();
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined); // an end before the join leaves none
    await admin.disconnect();
  }
}

type Starts = { topic: string; partition: number; offset: string }[];

async function startsOf(admin: Admin, { topics, from }: FollowOptions): Promise<Starts> {
  const existing = new Set(await admin.listTopics());
  const found = await Promise.all(
    topics
      .filter((topic) => existing.has(topic))
      .map(async (topic) => {
        const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, from.getTime());
        return offsets.map(({ partition, offset }) => ({ topic, partition, offset }));
      }),
  );
  return found.flat();
}

async function feed(
  consumer: Consumer,
  channel: Channel<InspectedRecord>,
  { accepts, registry }: FollowOptions,
  starts: Starts,
): Promise<void> {
  consumer.on(consumer.events.CRASH, ({ payload }) => channel.end(payload.error));
  await consumer.connect();
  await consumer.subscribe({ topics: [...new Set(starts.map(({ topic }) => topic))], fromBeginning: false });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, heartbeat, isStale }) => {
      for (const message of batch.messages) {
        if (isStale()) return;
        const record = toRecord(batch.topic, batch.partition, message);
        const type = record.headers.ce_type ?? '';
        if (accepts && !accepts(type)) continue;
        const headerList = headersOf(message);
        const inspected: InspectedRecord = { ...record, type, size: sizeOf(record, headerList), headerList };
        if (record.value !== null) await decodeInto(inspected, record.value, registry);
        if (!(await channel.push(inspected))) return;
        await heartbeat();
      }
    },
  });
  for (const start of starts) consumer.seek(start);
}

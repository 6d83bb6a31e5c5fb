import { setTimeout as delay } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { KafkaError } from './kafka-error.js';

/** Where to begin; `last` is so many records before the end of each partition. */
export type StartingPoint = 'beginning' | 'latest' | { offset: string } | { time: Date } | { last: number };

/** Where to end: before this offset, or before the first record of this time. */
export type EndingPoint = { offset: string } | { time: Date };

/** Which part of a topic is read. */
export interface Extent {
  topic: string;
  /** for every partition that `fromPartition` doesn't name */
  from: StartingPoint;
  fromPartition?: ReadonlyMap<number, StartingPoint>;
  to?: EndingPoint;
  /** only these; default: all */
  partitions?: readonly number[];
}

/** By partition: the first offset wanted, and the one before which a read that doesn't follow ends. */
export type Ranges = Map<number, { start: bigint; end: bigint }>;

interface Bounds {
  low: bigint;
  high: bigint;
}

/** The offsets of an extent, as the broker holds the topic now. Throws `TOPIC_MISSING` or `PARTITION_MISSING`. */
export async function rangesOf(admin: Admin, extent: Extent): Promise<Ranges> {
  const { topic } = extent;
  if (!(await admin.listTopics()).includes(topic)) {
    throw new KafkaError('TOPIC_MISSING', `no topic ${topic}; \`towpath topics list\` shows those there are`);
  }
  const offsets = await onceLed(() => admin.fetchTopicOffsets(topic));
  const bounds = new Map(
    offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
  );
  const wanted = wantedOf(extent, bounds);
  const times = await onceLed(() => offsetsByTime(admin, extent));
  return new Map(
    wanted.map((partition) => {
      const own = bounds.get(partition)!;
      const from = extent.fromPartition?.get(partition) ?? extent.from;
      const start = startOf(from, own, offsetAt(times, from, partition));
      const end = extent.to ? endOf(extent.to, own, offsetAt(times, extent.to, partition)) : own.high;
      return [partition, { start, end }];
    }),
  );
}

/** kafkajs gives up at once when a broker that has just come back does not lead a partition yet. */
async function onceLed<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const isRetriable = (error as { retriable?: boolean }).retriable === true;
      if (!isRetriable || attempt === LED_ATTEMPTS_MAX) throw error;
      await delay(LED_PAUSE_MS);
    }
  }
}

const LED_ATTEMPTS_MAX = 10;
const LED_PAUSE_MS = 300;

function wantedOf({ topic, partitions, fromPartition }: Extent, bounds: ReadonlyMap<number, Bounds>): number[] {
  const named = [...(partitions ?? []), ...(fromPartition?.keys() ?? [])];
  const missing = named.find((partition) => !bounds.has(partition));
  if (missing !== undefined) {
    throw new KafkaError('PARTITION_MISSING', `${topic} has no partition ${missing}; it has 0 to ${bounds.size - 1}`);
  }
  const all = [...bounds.keys()].sort((one, other) => one - other);
  return partitions ? all.filter((partition) => partitions.includes(partition)) : all;
}

/** Offsets by time and partition; every time is asked for once. */
type Times = Map<number, Map<number, bigint>>;

async function offsetsByTime(admin: Admin, { topic, from, fromPartition, to }: Extent): Promise<Times> {
  const points = [from, ...(fromPartition?.values() ?? []), ...(to ? [to] : [])];
  const times = new Set(points.flatMap((point) => (hasTime(point) ? [point.time.getTime()] : [])));
  const found: Times = new Map();
  for (const time of times) {
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, time);
    found.set(time, new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)])));
  }
  return found;
}

function offsetAt(times: Times, point: StartingPoint | EndingPoint, partition: number): bigint | undefined {
  return hasTime(point) ? times.get(point.time.getTime())?.get(partition) : undefined;
}

function hasTime(point: StartingPoint | EndingPoint): point is { time: Date } {
  return typeof point === 'object' && 'time' in point;
}

function startOf(from: StartingPoint, { low, high }: Bounds, timed: bigint | undefined): bigint {
  if (from === 'beginning') return low;
  if (from === 'latest') return high;
  if ('last' in from) return within(high - BigInt(from.last), { low, high });
  return within('offset' in from ? BigInt(from.offset) : (timed ?? high), { low, high });
}

function endOf(to: EndingPoint, bounds: Bounds, timed: bigint | undefined): bigint {
  return within('offset' in to ? BigInt(to.offset) : (timed ?? bounds.high), bounds);
}

function within(offset: bigint, { low, high }: Bounds): bigint {
  return offset < low ? low : offset > high ? high : offset;
}

import { all } from '@towpath/contracts/catalogue';
import { topicSettings } from '@towpath/contracts/topics';
import type { RestorePoint } from '@towpath/event-store/restore/restorer';
import { KafkaAdmin, type PartitionExtent } from '@towpath/kafka/admin';
import { inspect, type InspectedRecord } from '@towpath/kafka/inspect';
import type { Addresses } from '../../addresses.js';
import { quietLogger } from '../../quiet-logger.js';

const CHUNK_RECORDS = 500;

/** A part of a topic that the database may not know, to its end as it was when it was asked. */
export interface UnseenTopic {
  readonly topic: string;
  /** first offset by partition */
  readonly from: ReadonlyMap<number, string>;
  readonly records: number;
}

/** Where every topic that relays write ends. */
export async function publishedExtents({ brokers }: Pick<Addresses, 'brokers'>): Promise<PartitionExtent[]> {
  const others = new Set(all().flatMap(({ topic, producers }) => (producers.includes('ingress') ? [topic] : [])));
  const admin = await KafkaAdmin.connect({ brokers, clientId: 'towpath-cli', logger: quietLogger });
  try {
    return await admin.extents(topicSettings().flatMap(({ name }) => (others.has(name) ? [] : [name])));
  } finally {
    await admin.close();
  }
}

/** What was published behind the marks that the database holds. */
export function unseen(extents: readonly PartitionExtent[], offsets: RestorePoint['offsets']): UnseenTopic[] {
  const topics = new Map<string, { from: Map<number, string>; records: number }>();
  for (const { topic, partition, low, high } of extents) {
    const from = offsets[topic]?.[partition] ?? low;
    if (BigInt(from) >= BigInt(high)) continue;
    const found = topics.get(topic) ?? { from: new Map<number, string>(), records: 0 };
    found.from.set(partition, from);
    found.records += Number(BigInt(high) - BigInt(from));
    topics.set(topic, found);
  }
  return [...topics].map(([topic, found]) => ({ topic, ...found }));
}

/** Its records, in chunks; each partition's in order. */
export async function* recordsOf(
  { brokers }: Pick<Addresses, 'brokers'>,
  { topic, from }: UnseenTopic,
): AsyncGenerator<InspectedRecord[]> {
  const fromPartition = new Map([...from].map(([partition, offset]) => [partition, { offset }] as const));
  const extent = { topic, from: 'latest' as const, fromPartition, partitions: [...from.keys()] };
  let chunk: InspectedRecord[] = [];
  for await (const record of inspect({ brokers, clientId: 'towpath-cli', logger: quietLogger, ...extent })) {
    if (chunk.push(record) < CHUNK_RECORDS) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

import type { Admin, Kafka } from 'kafkajs';
import { KafkaError } from './kafka-error.js';
import type { Logger } from './record.js';

/** How many partitions the topics have together. Throws `TOPIC_MISSING` with all missing names (K18: create topics first). */
export async function countPartitions(kafka: Kafka, topics: string[]): Promise<number> {
  return withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !existing.has(topic));
    if (missing.length > 0)
      throw new KafkaError('TOPIC_MISSING', `no topic ${missing.join(', ')}; run \`towpath setup\``);
    const metadata = await admin.fetchTopicMetadata({ topics });
    return metadata.topics.reduce((sum, { partitions }) => sum + partitions.length, 0);
  });
}

export interface OffsetCheck {
  readonly groupId: string;
  readonly topics: string[];
  readonly logger: Logger;
  /** told once for each such partition */
  onSkipped?(topic: string): void;
}

/** K11: names, loudly and before the run, each partition whose committed offset no longer lies within its log. */
export async function checkCommittedOffsets(
  kafka: Kafka,
  { groupId, topics, logger, onSkipped }: OffsetCheck,
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const groups = await admin.fetchOffsets({ groupId, topics });
    for (const { topic, partitions } of groups) {
      const ends = new Map((await admin.fetchTopicOffsets(topic)).map((end) => [end.partition, end]));
      for (const { partition, offset } of partitions) {
        const end = ends.get(partition);
        const committed = BigInt(offset);
        if (committed < 0n || !end || (committed >= BigInt(end.low) && committed <= BigInt(end.high))) continue;
        onSkipped?.(topic);
        logger.error(
          { groupId, topic, partition, committed: offset, start: end.low, end: end.high, alarm: 'OFFSET_OUT_OF_RANGE' },
          'the committed offset is outside the log: records were deleted unread or the topic was made again; reading from the oldest one kept',
        );
      }
    }
  });
}

/** Runs `work` with a connection of its own that is closed after it. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

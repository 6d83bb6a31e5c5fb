import type { Kafka } from 'kafkajs';
import { KafkaError } from './kafka-error.js';
import { withAdmin } from './offset-check.js';

/**
 * K7: a consumer may go on fetching and heartbeating while it gets nothing. Compares what it was given with the ends of
 * the log: behind, and not one offset further than at the last look, means stalled.
 */
export class LagWatch {
  private readonly positions = new Map<string, bigint>();
  private positionsAtLastLook = '';

  constructor(
    private readonly kafka: Kafka,
    private readonly groupId: string,
  ) {}

  /** A batch was taken up to and including this offset. */
  note(topic: string, partition: number, lastOffset: string): void {
    this.positions.set(`${topic}/${partition}`, BigInt(lastOffset) + 1n);
  }

  /** The stall found by this look, if any. `assignment` holds `<topic>/<partition>`. */
  async look(assignment: ReadonlySet<string>): Promise<KafkaError | undefined> {
    const positions = [...this.positions].sort().join();
    const moved = positions !== this.positionsAtLastLook;
    this.positionsAtLastLook = positions;
    // Before the first look there is nothing to compare with.
    if (moved || assignment.size === 0) return undefined;
    const behind = await this.behind(assignment);
    if (behind.length === 0) return undefined;
    return new KafkaError('LAG_STALLED', `records wait on ${behind.join(', ')} and none is delivered`);
  }

  private behind(assignment: ReadonlySet<string>): Promise<string[]> {
    const topics = [...new Set([...assignment].map((name) => name.slice(0, name.lastIndexOf('/'))))];
    return withAdmin(this.kafka, async (admin) => {
      const committed = await admin.fetchOffsets({ groupId: this.groupId, topics });
      const starts = new Map<string, bigint>(
        committed.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)] as const),
        ),
      );
      const ends = await Promise.all(
        topics.map(async (topic) =>
          (await admin.fetchTopicOffsets(topic)).map((end) => ({ ...end, name: `${topic}/${end.partition}` })),
        ),
      );
      return ends
        .flat()
        .filter(({ name, low, high }) => {
          const start = starts.get(name) ?? -1n;
          const position = this.positions.get(name) ?? (start < 0n ? BigInt(low) : start);
          return assignment.has(name) && position < BigInt(high);
        })
        .map(({ name }) => name);
    });
  }
}

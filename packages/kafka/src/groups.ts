import kafkajs, { type Admin, type GroupDescription } from 'kafkajs';
import { createClient, type ClientOptions } from './client.js';
import { KafkaError } from './kafka-error.js';
import { offsetAtAge, type OffsetAtAge } from './lag-age.js';

/** A member of a group and what it reads. */
export interface GroupMember {
  memberId: string;
  clientId: string;
  host: string;
  /** partitions by topic */
  reads: Record<string, number[]>;
}

export interface GroupState {
  groupId: string;
  /** as Kafka names it: Stable, Empty, Dead, PreparingRebalance, CompletingRebalance */
  state: string;
  members: GroupMember[];
}

/** Where a group stands on one partition. Offsets are 64-bit integers in decimal. */
export interface GroupPlace {
  topic: string;
  partition: number;
  /** undefined: nothing committed yet */
  committed: string | undefined;
  low: string;
  high: string;
}

/** A move of a group on one partition. */
export interface GroupMove extends GroupPlace {
  to: string;
}

/** Where to move a group. */
export type ResetTarget = 'earliest' | 'latest' | { offset: string } | { time: Date } | { shift: bigint };

/** Looks at consumer groups and moves idle ones. */
export class KafkaGroups {
  private constructor(private readonly admin: Admin) {}

  static async connect(options: ClientOptions): Promise<KafkaGroups> {
    const admin = createClient(options).admin();
    await admin.connect();
    return new KafkaGroups(admin);
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }

  /** All groups, in order of name. */
  async list(): Promise<GroupState[]> {
    const { groups } = await this.admin.listGroups();
    const ids = groups.map(({ groupId }) => groupId).sort();
    if (ids.length === 0) return [];
    return (await this.admin.describeGroups(ids)).groups.map(stateOf);
  }

  /** One group. Throws `GROUP_MISSING`. */
  async find(groupId: string): Promise<GroupState> {
    const [found] = (await this.admin.describeGroups([groupId])).groups;
    // Kafka describes a group that never was as dead.
    if (found && found.state !== 'Dead') return stateOf(found);
    throw new KafkaError('GROUP_MISSING', `no group ${groupId}; \`towpath groups list\` shows those there are`);
  }

  /** Where a group stands: every partition of the topics it has committed on, or of one topic. Throws `TOPIC_MISSING`. */
  async places(groupId: string, topic?: string): Promise<GroupPlace[]> {
    if (topic !== undefined && !(await this.admin.listTopics()).includes(topic)) {
      throw new KafkaError('TOPIC_MISSING', `no topic ${topic}; \`towpath topics list\` shows those there are`);
    }
    const committed = await this.admin.fetchOffsets(topic ? { groupId, topics: [topic] } : { groupId });
    const rows = await Promise.all(
      committed.map(async ({ topic: name, partitions }) => {
        const own = new Map(partitions.map(({ partition, offset }) => [partition, offset]));
        const ends = await this.admin.fetchTopicOffsets(name);
        return ends.map(({ partition, low, high }) => {
          const offset = own.get(partition);
          return { topic: name, partition, committed: offset?.startsWith('-') ? undefined : offset, low, high };
        });
      }),
    );
    return rows
      .flat()
      .sort((one, other) =>
        one.topic < other.topic ? -1 : one.topic > other.topic ? 1 : one.partition - other.partition,
      );
  }

  /** The offsets of the first records that are at most so old, for `lagSeconds`. */
  ageOf(topic: string): OffsetAtAge {
    return offsetAtAge(this.admin, topic);
  }

  /** Where each partition would go, within what the topic still holds. */
  async movesTo(places: readonly GroupPlace[], target: ResetTarget): Promise<GroupMove[]> {
    const timed =
      typeof target === 'object' && 'time' in target ? await this.offsetsAt(places, target.time) : undefined;
    return places.map((place) => ({ ...place, to: destinationOf(place, target, timed) }));
  }

  /** Commits the moves. Throws `GROUP_ACTIVE` when the group has members, also ones that came meanwhile. */
  async move(groupId: string, moves: readonly GroupMove[]): Promise<void> {
    for (const topic of new Set(moves.map((one) => one.topic))) {
      const partitions = moves
        .filter((one) => one.topic === topic)
        .map(({ partition, to }) => ({ partition, offset: to }));
      try {
        await this.admin.setOffsets({ groupId, topic, partitions });
      } catch (error) {
        if (!(error instanceof kafkajs.KafkaJSNonRetriableError)) throw error;
        throw new KafkaError('GROUP_ACTIVE', `${groupId} has got members meanwhile; stop them and reset again`, {
          cause: error,
        });
      }
    }
  }

  private async offsetsAt(places: readonly GroupPlace[], time: Date): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const topic of new Set(places.map((place) => place.topic))) {
      for (const { partition, offset } of await this.admin.fetchTopicOffsetsByTimestamp(topic, time.getTime())) {
        found.set(`${topic}/${partition}`, offset);
      }
    }
    return found;
  }
}

function destinationOf(place: GroupPlace, target: ResetTarget, timed: Map<string, string> | undefined): string {
  const [low, high] = [BigInt(place.low), BigInt(place.high)];
  const wanted = wantedOf(place, target, timed);
  return String(wanted < low ? low : wanted > high ? high : wanted);
}

function wantedOf(place: GroupPlace, target: ResetTarget, timed: Map<string, string> | undefined): bigint {
  if (target === 'earliest') return BigInt(place.low);
  if (target === 'latest') return BigInt(place.high);
  if ('offset' in target) return BigInt(target.offset);
  // A group without a commit begins at the oldest record, as our consumers do.
  if ('shift' in target) return BigInt(place.committed ?? place.low) + target.shift;
  return BigInt(timed?.get(`${place.topic}/${place.partition}`) ?? place.high);
}

function stateOf({ groupId, state, members }: GroupDescription): GroupState {
  return {
    groupId,
    state,
    members: members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
      memberId,
      clientId,
      host: clientHost.replace(/^\//, ''),
      reads: assignmentOf(memberAssignment),
    })),
  };
}

function assignmentOf(bytes: Buffer): Record<string, number[]> {
  if (bytes.length === 0) return {};
  return kafkajs.AssignerProtocol.MemberAssignment.decode(bytes)?.assignment ?? {};
}

import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { topicSettings, type TopicSettings } from '@towpath/contracts/topics';
import { createClient, type ClientOptions } from './client.js';
import {
  configOf,
  creationOf,
  missingFinding,
  partitionFindings,
  settingFindings,
  type ConfigValue,
  type TopicFinding,
} from './topic-findings.js';

export type { TopicFinding } from './topic-findings.js';

export interface GroupSummary {
  groupId: string;
  state: string;
  members: number;
}

/** What a partition holds. Offsets are 64-bit integers in decimal. */
export interface PartitionExtent {
  topic: string;
  partition: number;
  low: string;
  /** the offset that the next record gets */
  high: string;
}

/** How far a group is behind on one partition. Offsets are 64-bit integers in decimal. */
export interface PartitionLag {
  topic: string;
  partition: number;
  /** undefined: nothing committed yet */
  committed?: string;
  start: string;
  end: string;
  lag: number;
}

const THERE_ATTEMPTS_MAX = 50;
const THERE_PAUSE_MS = 200;

/** Looks at and sets up the broker. Only set-up and the command line use it; services verify and create nothing. */
export class KafkaAdmin {
  private constructor(private readonly admin: Admin) {}

  static async connect(options: ClientOptions): Promise<KafkaAdmin> {
    const admin = createClient(options).admin();
    await admin.connect();
    return new KafkaAdmin(admin);
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }

  /**
   * Creates what is missing, sets what differs; leaves partition counts alone. Idempotent.
   * Copies: 3 where there are 3 brokers, else one per broker.
   */
  async createTopics(
    settings: readonly TopicSettings[] = topicSettings(),
  ): Promise<{ created: string[]; changed: string[] }> {
    const existing = new Set(await this.admin.listTopics());
    const missing = settings.filter(({ name }) => !existing.has(name));
    const { brokers } = await this.admin.describeCluster();
    const copies = Math.min(3, brokers.length);
    if (missing.length > 0) {
      const topics = missing.map((topic) => creationOf(topic, copies));
      await this.admin
        .createTopics({ topics, waitForLeaders: true })
        .catch((error: unknown) => this.untilThere(error, missing));
    }
    const changed = await this.alignSettings(settings.filter(({ name }) => existing.has(name)));
    return { created: missing.map(({ name }) => name), changed };
  }

  /** kafkajs gives up when a broker does not know yet what it was just asked to make. */
  private async untilThere(error: unknown, topics: readonly TopicSettings[]): Promise<void> {
    if ((error as { retriable?: boolean }).retriable !== true) throw error;
    for (let attempt = 1; attempt <= THERE_ATTEMPTS_MAX; attempt += 1) {
      const known = new Set(await this.admin.listTopics());
      if (topics.every(({ name }) => known.has(name))) return;
      await delay(THERE_PAUSE_MS);
    }
    throw error;
  }

  /** What is missing or different, each with its fix; empty when all is as it should be. */
  async verifyTopics(settings: readonly TopicSettings[] = topicSettings()): Promise<TopicFinding[]> {
    const counts = await this.partitionCounts();
    const present = settings.filter(({ name }) => counts.has(name));
    const actual = await this.configsOf(present);
    return settings.flatMap((topic) => {
      const count = counts.get(topic.name);
      if (count === undefined) return [missingFinding(topic.name)];
      return [
        ...partitionFindings(topic, count),
        ...settingFindings(topic, actual.get(topic.name) ?? new Map<string, ConfigValue>()),
      ];
    });
  }

  /** Every topic with its number of partitions, internal ones left out. */
  async topics(): Promise<{ topic: string; partitions: number }[]> {
    return [...(await this.partitionCounts())]
      .map(([topic, partitions]) => ({ topic, partitions }))
      .sort((one, other) => (one.topic < other.topic ? -1 : 1));
  }

  async groups(): Promise<GroupSummary[]> {
    const { groups } = await this.admin.listGroups();
    if (groups.length === 0) return [];
    const described = await this.admin.describeGroups(groups.map(({ groupId }) => groupId));
    return described.groups.map(({ groupId, state, members }) => ({ groupId, state, members: members.length }));
  }

  /** Committed and end offsets of a group; partitions without a commit count from the oldest record. */
  async lag(groupId: string, topics?: string[]): Promise<PartitionLag[]> {
    const committed = await this.admin.fetchOffsets(topics ? { groupId, topics } : { groupId });
    const rows = await Promise.all(
      committed.map(async ({ topic, partitions }) => {
        const ends = await this.admin.fetchTopicOffsets(topic);
        return ends.map(({ partition, low, high }) =>
          lagOf(topic, partition, { low, high }, partitions.find((entry) => entry.partition === partition)?.offset),
        );
      }),
    );
    return rows.flat();
  }

  /** The first offset and the one after the last of every partition; topics that do not exist are left out. */
  async extents(topics: readonly string[]): Promise<PartitionExtent[]> {
    const existing = new Set(await this.admin.listTopics());
    const found = topics
      .filter((topic) => existing.has(topic))
      .map(async (topic) =>
        (await this.admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
          topic,
          partition,
          low,
          high,
        })),
      );
    return (await Promise.all(found)).flat();
  }

  /** Whether a broker answers, in milliseconds; rejects when none does. */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.admin.describeCluster();
    return performance.now() - startedAt;
  }

  private async partitionCounts(): Promise<Map<string, number>> {
    const { topics } = await this.admin.fetchTopicMetadata();
    return new Map(
      topics.filter(({ name }) => !name.startsWith('__')).map(({ name, partitions }) => [name, partitions.length]),
    );
  }

  private async configsOf(settings: readonly TopicSettings[]): Promise<Map<string, Map<string, ConfigValue>>> {
    if (settings.length === 0) return new Map();
    const { resources } = await this.admin.describeConfigs({
      includeSynonyms: false,
      resources: settings.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(
          configEntries.map(({ configName, configValue, isDefault }) => [
            configName,
            { value: configValue, isDefault },
          ]),
        ),
      ]),
    );
  }

  private async alignSettings(settings: readonly TopicSettings[]): Promise<string[]> {
    const actual = await this.configsOf(settings);
    const different = settings.filter(
      (topic) => settingFindings(topic, actual.get(topic.name) ?? new Map<string, ConfigValue>()).length > 0,
    );
    if (different.length === 0) return [];
    const resources = different.map((topic) => {
      // The request replaces all settings of a topic: keep those that others have made.
      const kept = [...(actual.get(topic.name) ?? [])]
        .filter(([, { isDefault }]) => !isDefault)
        .map(([name, { value }]) => [name, value] as const);
      const entries = new Map([...kept, ...Object.entries(configOf(topic))]);
      return {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: topic.name,
        configEntries: [...entries].map(([name, value]) => ({ name, value })),
      };
    });
    await this.admin.alterConfigs({ validateOnly: false, resources });
    return different.map(({ name }) => name);
  }
}

function lagOf(
  topic: string,
  partition: number,
  { low, high }: { low: string; high: string },
  offset: string | undefined,
): PartitionLag {
  const hasCommit = offset !== undefined && BigInt(offset) >= 0n;
  const position = hasCommit ? BigInt(offset) : BigInt(low);
  const behind = Number(BigInt(high) - position);
  return {
    topic,
    partition,
    ...(hasCommit ? { committed: offset } : {}),
    start: low,
    end: high,
    lag: Math.max(0, behind),
  };
}

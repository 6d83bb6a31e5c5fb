import type { ITopicConfig } from 'kafkajs';
import { segmentMsOf } from '@towpath/contracts/topic-settings';
import type { TopicSettings } from '@towpath/contracts/topics';

/** Something about a topic that isn't as `topics.yaml` says. */
export interface TopicFinding {
  topic: string;
  /** `PARTITIONS` can't be mended in place: a key would move to another partition */
  code: 'MISSING' | 'PARTITIONS' | 'SETTING';
  problem: string;
  fix: string;
}

/** A setting as the broker reports it. */
export interface ConfigValue {
  value: string;
  isDefault: boolean;
}

export function creationOf(topic: TopicSettings, copies: number): ITopicConfig {
  const entries = Object.entries(configOf(topic)).map(([name, value]) => ({ name, value }));
  if (copies === 3) entries.push({ name: 'min.insync.replicas', value: '2' });
  return { topic: topic.name, numPartitions: topic.partitions, replicationFactor: copies, configEntries: entries };
}

/** K20: the size limit is the broker's to hold; the client's are soft. */
export function configOf(topic: TopicSettings): Record<string, string> {
  const { retentionMs, cleanup, maxMessageBytes } = topic;
  const segmentMs = segmentMsOf(topic);
  return {
    'retention.ms': String(retentionMs),
    'cleanup.policy': cleanup,
    'max.message.bytes': String(maxMessageBytes),
    ...(segmentMs !== undefined && { 'segment.ms': String(segmentMs) }),
  };
}

export function missingFinding(topic: string): TopicFinding {
  return { topic, code: 'MISSING', problem: 'does not exist', fix: 'run `towpath setup`' };
}

export function partitionFindings({ name, partitions }: TopicSettings, count: number): TopicFinding[] {
  if (count === partitions) return [];
  const fix = `set partitions: ${count} in topics.yaml, or move to a new topic: a count never changes in place`;
  return [{ topic: name, code: 'PARTITIONS', problem: `has ${count} partitions instead of ${partitions}`, fix }];
}

export function settingFindings(topic: TopicSettings, actual: Map<string, ConfigValue>): TopicFinding[] {
  return Object.entries(configOf(topic)).flatMap(([name, wanted]) => {
    const value = actual.get(name)?.value ?? 'nothing';
    if (value === wanted) return [];
    return [
      {
        topic: topic.name,
        code: 'SETTING' as const,
        problem: `${name} is ${value} instead of ${wanted}`,
        fix: 'run `towpath setup`',
      },
    ];
  });
}

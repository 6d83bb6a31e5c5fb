import type { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import { all } from '@towpath/contracts/catalogue';
import { topicSettings } from '@towpath/contracts/topics';
import { KafkaAdmin, type PartitionExtent } from '@towpath/kafka/admin';
import { inspectRanges, type TopicRanges } from '@towpath/kafka/inspect';
import { lastCheckpoint } from '@towpath/kafka/checkpoints';
import type { ClientOptions } from '@towpath/kafka/client';

/** The headers of one record. */
export interface TopicHeaders {
  readonly topic: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the topics that relays write hold; asked by the relay before it writes. */
export interface RelayTopics {
  /** every partition of theirs; rejects when no broker answers */
  extents(): Promise<readonly PartitionExtent[]>;
  /** what the topics hold in these ranges; each partition's records in order */
  headersIn(ranges: TopicRanges): AsyncIterable<TopicHeaders>;
  /** the last checkpoint of a log that is valid; undefined when the topic has none */
  lastCheckpoint(log: string, isValid: (signed: CheckpointSigned) => boolean): Promise<CheckpointSigned | undefined>;
  close(): Promise<void>;
}

/** Of the brokers; connects when first asked, and anew after a failure. */
export class KafkaRelayTopics implements RelayTopics {
  private admin: Promise<KafkaAdmin> | undefined;

  constructor(private readonly options: ClientOptions) {}

  async extents(): Promise<readonly PartitionExtent[]> {
    this.admin ??= KafkaAdmin.connect(this.options);
    const { admin } = this;
    try {
      return await (await admin).extents(written());
    } catch (error) {
      this.admin = undefined;
      void admin.then((one) => one.close()).catch(() => undefined);
      throw error;
    }
  }

  headersIn(ranges: TopicRanges): AsyncIterable<TopicHeaders> {
    return inspectRanges(this.options, ranges);
  }

  lastCheckpoint(log: string, isValid: (signed: CheckpointSigned) => boolean): Promise<CheckpointSigned | undefined> {
    return lastCheckpoint(this.options, log, isValid);
  }

  async close(): Promise<void> {
    await this.admin?.then((admin) => admin.close()).catch(() => undefined);
    this.admin = undefined;
  }
}

/** Every topic but those that ingress writes. */
function written(): string[] {
  const others = new Set(all().flatMap(({ topic, producers }) => (producers.includes('ingress') ? [topic] : [])));
  return topicSettings().flatMap(({ name }) => (others.has(name) ? [] : [name]));
}

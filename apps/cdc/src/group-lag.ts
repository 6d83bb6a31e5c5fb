import { services } from '@towpath/contracts/topics';
import type { ClientOptions } from '@towpath/kafka/client';
import { KafkaGroups, type GroupPlace } from '@towpath/kafka/groups';
import { ageSeconds } from '@towpath/kafka/lag-age';
import type { Logger } from '@towpath/service-kit/logger';
import type { Metrics, Observe } from '@towpath/service-kit/metrics';

const NAMES = [
  'kafka_consumergroup_lag',
  'kafka_consumergroup_current_offset',
  'towpath_consumer_lag_seconds',
] as const;

type Tell = Observe<(typeof NAMES)[number]>;

/**
 * How far every consumer group of every service is behind, in records and in seconds, asked of the brokers whenever somebody reads the metrics. The
 * relay tells it of all: what a service that does not run could not tell of itself is what one has to know.
 */
export class GroupLag {
  private groups: Promise<KafkaGroups> | undefined;

  constructor(
    private readonly options: ClientOptions & { readonly logger: Logger },
    metrics: Metrics,
  ) {
    metrics.gauges(NAMES, (observe) => this.observe(observe));
  }

  async close(): Promise<void> {
    const { groups } = this;
    this.groups = undefined;
    await groups?.then((connected) => connected.close()).catch(() => undefined);
  }

  /** Brokers that do not answer leave the lag untold; it is no reason to tell nothing else. */
  private async observe(observe: Tell): Promise<void> {
    this.groups ??= KafkaGroups.connect(this.options);
    try {
      const groups = await this.groups;
      // Topic by topic: of all its topics Kafka tells only those that the group has committed on.
      const read = services().flatMap(({ consumers }) =>
        consumers.flatMap(({ name, topics }) => topics.map((topic) => ({ name, topic }))),
      );
      for (const { name, topic } of read) {
        const places = await groups.places(name, topic);
        for (const place of places) tellPlace(observe, name, place);
        const behind = places.filter((place) => lagOf(place) > 0);
        const labels = { consumergroup: name, topic };
        observe('towpath_consumer_lag_seconds', await oldestSeconds(groups, topic, behind), labels);
      }
    } catch (error) {
      this.options.logger.warn({ reason: (error as Error).message }, 'lag.unmeasured');
      await this.close();
    }
  }
}

function tellPlace(observe: Tell, consumergroup: string, place: GroupPlace): void {
  const labels = { consumergroup, topic: place.topic, partition: String(place.partition) };
  observe('kafka_consumergroup_lag', lagOf(place), labels);
  observe('kafka_consumergroup_current_offset', Number(place.committed ?? -1), labels);
}

/** A group without a commit begins at the oldest record. */
function lagOf({ committed, low, high }: GroupPlace): number {
  return Number(BigInt(high) - BigInt(committed ?? low));
}

async function oldestSeconds(groups: KafkaGroups, topic: string, behind: readonly GroupPlace[]): Promise<number> {
  if (behind.length === 0) return 0;
  const at = groups.ageOf(topic);
  const ages = behind.map(({ partition, committed, low }) => ageSeconds(at, partition, BigInt(committed ?? low)));
  return Math.max(...(await Promise.all(ages)));
}

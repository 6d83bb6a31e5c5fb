/** One topic as it must exist on the broker. */
export interface TopicSettings {
  readonly name: string;
  readonly partitions: number;
  /** how long records are kept, milliseconds; -1 = for ever */
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact';
  /** the largest record batch the broker takes, bytes */
  readonly maxMessageBytes: number;
}

/** One service: what set-up creates for it and what it reads. */
export interface ServiceSettings {
  readonly name: string;
  /** true when it has an event store: a schema and two roles in Postgres, and its own dead-letter topic */
  readonly store: boolean;
  /** true when it runs only for whoever starts it: nobody waits for its answers */
  readonly onDemand: boolean;
  /** topics it reads, its reactions' included, as named on the broker */
  readonly consumes: readonly string[];
  /** its consumer groups: its own first, then one for each of its reactions */
  readonly consumers: readonly ConsumerSettings[];
}

/** A consumer group: what it reads, and how far it is, is its own. */
export interface ConsumerSettings {
  /** of the group and of its inbox: the service's name, or `<service>.<reaction>` */
  readonly name: string;
  /** absent for the service's own */
  readonly reaction?: string;
  readonly topics: readonly string[];
}

/** The content of topics.yaml. */
export interface TopicsFile {
  readonly defaults: Required<TopicEntry>;
  readonly topics: Readonly<Record<string, TopicEntry>>;
}

export interface TopicEntry {
  readonly partitions?: number;
  /** `forever` or `<n>d` */
  readonly retention?: string;
  readonly cleanup?: 'delete' | 'compact';
  readonly maxMessageBytes?: number;
}

/** The content of services.yaml. */
export interface ServicesFile {
  readonly services: Readonly<Record<string, ServiceEntry>>;
}

export interface ServiceEntry {
  readonly store: boolean;
  readonly onDemand?: boolean;
  /** topics of the service's own group */
  readonly consumes: readonly string[];
  /** topics by reaction */
  readonly reactions?: Readonly<Record<string, readonly string[]>>;
}

export function servicesIn(file: ServicesFile): readonly ServiceSettings[] {
  return Object.entries(file.services).map(([name, { store, onDemand = false, consumes, reactions = {} }]) => {
    const own = { name, topics: consumes };
    const others = Object.entries(reactions).map(([reaction, topics]) => ({
      name: `${name}.${reaction}`,
      reaction,
      topics: topics.includes(REDRIVES) ? topics : [...topics, REDRIVES],
    }));
    const consumers = [own, ...others];
    return { name, store, onDemand, consumes: [...new Set(consumers.flatMap(({ topics }) => topics))], consumers };
  });
}

/** Every reaction reads it: what became of its messages is decided where they are. */
const REDRIVES = 'platform.commands';

/** Every topic, `{service}` expanded to each service that has an event store; in the order of the file. */
export function topicsIn(file: TopicsFile, services: readonly ServiceSettings[]): readonly TopicSettings[] {
  return Object.entries(file.topics).flatMap(([template, entry]) =>
    namesOf(template, services).map((name) => settingsOf(name, { ...file.defaults, ...entry })),
  );
}

/** The names a topic of topics.yaml stands for. */
export function namesOf(template: string, services: readonly ServiceSettings[]): readonly string[] {
  if (!template.includes('{service}')) return [template];
  return services.filter(({ store }) => store).map(({ name }) => template.replace('{service}', name));
}

const dayMs = 86_400_000;
/** The broker looks for what is too old every 5 minutes, and a minute later the file is gone. */
const deletionMs = 3_600_000;

/**
 * A finite topic begins a new segment at least so often, milliseconds: a record leaves with its segment, or quiet partitions
 * would keep records for twice their time. Undefined for a topic that is kept for ever.
 */
export function segmentMsOf({ retentionMs }: TopicSettings): number | undefined {
  return retentionMs < 0 ? undefined : Math.min(retentionMs, dayMs);
}

/** When a record is gone from the topic's files for certain, milliseconds after it was written; undefined = never. */
export function goneAfterMs(topic: TopicSettings): number | undefined {
  const segmentMs = segmentMsOf(topic);
  return segmentMs === undefined ? undefined : topic.retentionMs + segmentMs + deletionMs;
}

function settingsOf(name: string, entry: Required<TopicEntry>): TopicSettings {
  return {
    name,
    partitions: entry.partitions,
    retentionMs: entry.retention === 'forever' ? -1 : Number.parseInt(entry.retention, 10) * dayMs,
    cleanup: entry.cleanup,
    maxMessageBytes: entry.maxMessageBytes,
  };
}

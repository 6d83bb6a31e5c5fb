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
  /** topics it reads, as named on the broker */
  readonly consumes: readonly string[];
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
  readonly services: Readonly<Record<string, Omit<ServiceSettings, 'name'>>>;
}

export function servicesIn(file: ServicesFile): readonly ServiceSettings[] {
  return Object.entries(file.services).map(([name, entry]) => ({ name, ...entry }));
}

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

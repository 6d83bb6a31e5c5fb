import { ContractError } from './contract-error.js';
import { servicesFile, topicsFile } from './generated/topics.js';

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

/** Every topic, `{service}` expanded to each service that has an event store; in the order of topics.yaml. */
export function topicSettings(): readonly TopicSettings[] {
  return topics;
}

/**
 * The settings of one topic.
 * @throws ContractError `TOPIC_UNKNOWN` when topics.yaml does not name it
 */
export function topicOfName(name: string): TopicSettings {
  const found = topics.find((topic) => topic.name === name);
  if (found) return found;
  throw new ContractError(
    'TOPIC_UNKNOWN',
    `no topic "${name}". Add it to packages/contracts/topics.yaml and run \`npm run generate\`.`,
  );
}

/** Every service of services.yaml, in its order. */
export function services(): readonly ServiceSettings[] {
  return known;
}

/**
 * The settings of one service.
 * @throws ContractError `SERVICE_UNKNOWN` when services.yaml does not name it
 */
export function serviceOf(name: string): ServiceSettings {
  const found = known.find((service) => service.name === name);
  if (found) return found;
  throw new ContractError(
    'SERVICE_UNKNOWN',
    `no service "${name}". Add it to packages/contracts/services.yaml and run \`npm run generate\`.`,
  );
}

interface TopicEntry {
  readonly partitions?: number;
  readonly retention?: string;
  readonly cleanup?: string;
  readonly maxMessageBytes?: number;
}

const dayMs = 86_400_000;

const known: readonly ServiceSettings[] = Object.entries(servicesFile.services).map(([name, entry]) => ({
  name,
  ...entry,
}));

const topics: readonly TopicSettings[] = Object.entries(topicsFile.topics).flatMap(([name, entry]) =>
  namesOf(name).map((expanded) => settingsOf(expanded, entry)),
);

function namesOf(template: string): string[] {
  if (!template.includes('{service}')) return [template];
  return known.filter((service) => service.store).map((service) => template.replace('{service}', service.name));
}

function settingsOf(name: string, entry: TopicEntry): TopicSettings {
  const settings = { ...topicsFile.defaults, ...entry };
  return {
    name,
    partitions: settings.partitions,
    retentionMs: settings.retention === 'forever' ? -1 : Number.parseInt(settings.retention, 10) * dayMs,
    cleanup: settings.cleanup === 'compact' ? 'compact' : 'delete',
    maxMessageBytes: settings.maxMessageBytes,
  };
}

import { ContractError } from './contract-error.js';
import { servicesFile, topicsFile } from './generated/topics.js';
import { servicesIn, topicsIn, type ServiceSettings, type TopicSettings } from './topic-settings.js';

export type { ConsumerSettings, ServiceSettings, TopicSettings } from './topic-settings.js';

/** Every topic of topics.yaml, `{service}` expanded to each service that has an event store; in the order of the file. */
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

const known = servicesIn(servicesFile);
const topics = topicsIn(topicsFile, known);

import { parse } from 'yaml';
import { namesOf, servicesIn, type ServicesFile, type TopicsFile } from '../topic-settings.js';
import { isRetention, shown } from './contract-rules.js';
import { isObject } from './contract-source.js';
import type { Problem } from './problem.js';
import type { RawFile } from './sources.js';

export interface ParsedTopology {
  readonly topics: TopicsFile;
  readonly services: ServicesFile;
  readonly problems: readonly Problem[];
}

/** Reads topics.yaml and services.yaml; what is wrong with them is in `problems`, and then the rest may be empty. */
export function parseTopology(topicsYaml: RawFile, servicesYaml: RawFile): ParsedTopology {
  const topics = parsed(topicsYaml, 'topics');
  const services = parsed(servicesYaml, 'services');
  const shape = [...topics.problems, ...services.problems];
  const problems =
    shape.length > 0
      ? shape
      : [
          ...topicProblems(topicsYaml.file, topics.value),
          ...serviceProblems(servicesYaml.file, services.value, topics.value),
        ];
  return {
    topics: topics.value as unknown as TopicsFile,
    services: services.value as unknown as ServicesFile,
    problems,
  };
}

type Raw = Readonly<Record<string, unknown>>;

const settings: Readonly<Record<string, { check(value: unknown): boolean; expected: string }>> = {
  partitions: { check: isCount, expected: 'a whole number from 1' },
  retention: { check: isRetention, expected: '"forever" or days, such as 30d' },
  cleanup: { check: (value) => value === 'delete' || value === 'compact', expected: 'delete or compact' },
  maxMessageBytes: { check: isCount, expected: 'a whole number of bytes from 1' },
};

function parsed({ file, text }: RawFile, section: string): { value: Raw; problems: Problem[] } {
  const empty = { defaults: {}, [section]: {} };
  try {
    const value: unknown = parse(text);
    if (isObject(value) && isObject(value[section])) return { value, problems: [] };
    return {
      value: empty,
      problems: [{ file, problem: `it has no section "${section}"`, fix: `add "${section}:" with one entry per name` }],
    };
  } catch (error) {
    const cause = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return {
      value: empty,
      problems: [{ file, problem: `it is not YAML: ${cause}`, fix: 'correct the line that it names' }],
    };
  }
}

function topicProblems(file: string, value: Raw): Problem[] {
  const defaults = isObject(value['defaults']) ? value['defaults'] : {};
  const missing = Object.keys(settings)
    .filter((name) => defaults[name] === undefined)
    .map((name) => ({
      file,
      problem: `defaults has no ${name}`,
      fix: `add ${name}: ${settings[name]?.expected ?? ''}`,
    }));
  const entries = Object.entries(value['topics'] as Raw);
  return [
    ...missing,
    ...settingProblems(file, 'defaults', defaults),
    ...entries.flatMap(([name, entry]) => topicEntryProblems(file, name, entry)),
  ];
}

function topicEntryProblems(file: string, name: string, entry: unknown): Problem[] {
  const named = /^[a-zA-Z0-9._-]{1,200}$/.test(name.replace('{service}', 'service'));
  const naming = named
    ? []
    : [
        {
          file,
          problem: `topic "${name}" is no name Kafka takes`,
          fix: 'use letters, digits, dots, dashes and underscores',
        },
      ];
  if (!isObject(entry))
    return [...naming, { file, problem: `topic ${name} has no settings`, fix: `write "${name}: {}" for the defaults` }];
  return [...naming, ...settingProblems(file, `topic ${name}`, entry)];
}

function settingProblems(file: string, where: string, entry: Raw): Problem[] {
  return Object.entries(entry).flatMap(([name, value]) => {
    const setting = settings[name];
    if (!setting)
      return [
        {
          file,
          problem: `${where}: unknown setting "${name}"`,
          fix: `remove it; there are ${Object.keys(settings).join(', ')}`,
        },
      ];
    if (setting.check(value)) return [];
    return [{ file, problem: `${where}: ${name} is ${shown(value)}`, fix: `set it to ${setting.expected}` }];
  });
}

function serviceProblems(file: string, value: Raw, topicsValue: Raw): Problem[] {
  const entries = Object.entries(value['services'] as Raw);
  const shape = entries.flatMap(([name, entry]) => serviceEntryProblems(file, name, entry));
  if (shape.length > 0) return shape;
  const services = servicesIn(value as unknown as ServicesFile);
  const known = Object.keys(topicsValue['topics'] as Raw).flatMap((template) => namesOf(template, services));
  return services.flatMap(({ name, consumes }) =>
    consumes
      .filter((topic) => !known.includes(topic))
      .map((topic) => ({
        file,
        problem: `${name} consumes "${topic}", which is no topic`,
        fix: `add it to topics.yaml, or name one of ${known.join(', ')}`,
      })),
  );
}

function serviceEntryProblems(file: string, name: string, entry: unknown): Problem[] {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    return [
      {
        file,
        problem: `service "${name}" is no name for a service and its Postgres schema`,
        fix: 'use lower case, digits and -, at most 40',
      },
    ];
  }
  const fits =
    isObject(entry) &&
    Object.keys(entry).every((key) => ['store', 'onDemand', 'consumes', 'reactions'].includes(key)) &&
    typeof entry['store'] === 'boolean' &&
    typeof (entry['onDemand'] ?? false) === 'boolean' &&
    isTopics(entry['consumes']);
  if (fits) return reactionProblems(file, name, entry);
  return [
    {
      file,
      problem: `service ${name} is ${shown(entry)}`,
      fix: `write "${name}: { store: true, consumes: [topic, …] }"`,
    },
  ];
}

function reactionProblems(file: string, name: string, entry: Raw): Problem[] {
  const { store, reactions } = entry;
  if (reactions === undefined) return [];
  const fits =
    store === true &&
    isObject(reactions) &&
    Object.entries(reactions).every(([reaction, topics]) => REACTION.test(reaction) && isTopics(topics));
  if (fits) return [];
  return [
    {
      file,
      problem: `service ${name} has reactions ${shown(reactions)}`,
      fix: 'write "<verb-noun>: [topic, …]" for each, in a service with store: true',
    },
  ];
}

const REACTION = /^[a-z][a-z0-9-]{0,60}$/;

function isTopics(value: unknown): boolean {
  return Array.isArray(value) && value.every((topic) => typeof topic === 'string');
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}

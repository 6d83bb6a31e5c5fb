import { isObject, type ContractSource } from './contract-source.js';
import type { Problem } from './problem.js';

/** A rule about all contracts together. */
export type SetRule = (sources: readonly ContractSource[]) => Problem[];

export const setRules: readonly SetRule[] = [
  typesAreUnique,
  streamsHaveOneTopicAndKey,
  nestedTypesAreTheSameEverywhere,
];

function typesAreUnique(sources: readonly ContractSource[]): Problem[] {
  return laterOnes(sources, (source) => `${String(source.schema['namespace'])}.${String(source.schema['name'])}`).map(
    ({ source, first, group }) => ({
      file: source.file,
      problem: `the type ${group} is defined in ${first.file} already`,
      fix: 'remove one of the two files, or give it a name or a namespace of its own',
    }),
  );
}

/** Two keys would scatter a stream over partitions; two topics would lose its order. */
function streamsHaveOneTopicAndKey(sources: readonly ContractSource[]): Problem[] {
  return laterOnes(sources, (source) => String(source.schema['stream'])).flatMap(({ source, first, group }) =>
    ['topic', 'key']
      .filter((attribute) => source.schema[attribute] !== first.schema[attribute])
      .map((attribute) => ({
        file: source.file,
        problem: `the stream "${group}" has two ${attribute}s: ${String(source.schema[attribute])} here, ${String(first.schema[attribute])} in ${first.file}`,
        fix: `set "${attribute}": "${String(first.schema[attribute])}", or name another stream`,
      })),
  );
}

/** Generators of other languages make one class per full name. */
function nestedTypesAreTheSameEverywhere(sources: readonly ContractSource[]): Problem[] {
  const nested = sources.flatMap((source) =>
    namedTypesIn(source.schema['fields']).map((type) => ({
      source,
      name: `${String(source.schema['namespace'])}.${String(type['name'])}`,
      text: JSON.stringify(type),
    })),
  );
  return laterOnes(nested, ({ name }) => name)
    .filter(({ source, first }) => source.text !== first.text)
    .map(({ source, first, group }) => ({
      file: source.source.file,
      problem: `${group} is defined otherwise in ${first.source.file}`,
      fix: 'make both definitions the same, word for word, or give this one another name',
    }));
}

function namedTypesIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(value)) return value.flatMap(namedTypesIn);
  if (!isObject(value)) return [];
  const inside = ['type', 'items', 'values', 'fields'].flatMap((attribute) => namedTypesIn(value[attribute]));
  return value['type'] === 'record' || value['type'] === 'enum' ? [value, ...inside] : inside;
}

/** The members of each group after its first, each with the first. */
function laterOnes<T>(items: readonly T[], groupOf: (item: T) => string): { source: T; first: T; group: string }[] {
  const firsts = new Map<string, T>();
  return items.flatMap((source) => {
    const group = groupOf(source);
    const first = firsts.get(group);
    if (first === undefined) firsts.set(group, source);
    return first === undefined ? [] : [{ source, first, group }];
  });
}

import { incompatibilities, type Schema } from '../compatibility.js';
import { isObject, schemaOf, type ContractSource } from './contract-source.js';
import { jsonText } from './json-text.js';
import type { Problem } from './problem.js';
import type { TopicsFile } from '../topic-settings.js';
import type { RawFile } from './sources.js';

/** What a release promised: every schema by type, and the partitions of every topic. */
export interface Baseline {
  readonly version: string;
  readonly topics: Readonly<Record<string, number>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** The baseline file of a release, as text. */
export function baselineText(version: string, sources: readonly ContractSource[], topics: TopicsFile): string {
  const schemas = sources
    .map((source) => [typeOf(source), source.schema] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const baseline: Baseline = { version, topics: partitionsOf(topics), schemas: Object.fromEntries(schemas) };
  return jsonText(baseline);
}

/** What the sources break of what any release promised (FULL_TRANSITIVE). */
export function baselineProblems(
  baselines: readonly RawFile[],
  sources: readonly ContractSource[],
  topics: TopicsFile,
): Problem[] {
  const current = new Map(sources.map((source) => [typeOf(source), source]));
  const found = baselines.flatMap((raw) => {
    const baseline = parseBaseline(raw);
    if ('problem' in baseline) return [baseline];
    return [
      ...Object.entries(baseline.schemas).flatMap(([type, older]) =>
        schemaProblems(type, older, current.get(type), baseline.version),
      ),
      ...topicProblems(baseline, topics),
    ];
  });
  return firstOfEach(found);
}

/** What a baseline file holds, or why it can not be read. */
export function parseBaseline({ file, text }: RawFile): Baseline | Problem {
  const fix = 'restore it as it was committed: what a release promised is never rewritten';
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value) && isObject(value['schemas']) && isObject(value['topics'])) return value as unknown as Baseline;
    return { file, problem: 'it can not be read: it has no schemas and topics', fix };
  } catch (error) {
    return { file, problem: `it can not be read: ${error instanceof Error ? error.message : String(error)}`, fix };
  }
}

function schemaProblems(type: string, older: Schema, source: ContractSource | undefined, version: string): Problem[] {
  if (!source) {
    const file = fileOf(type);
    return [
      {
        file,
        problem: `${type} was released in ${version} and is gone`,
        fix: `restore it from baseline/${version}.json: stored events of this type must stay readable`,
      },
    ];
  }
  const next = `schemas/${source.domain}/${source.name}.v${source.version + 1}.avsc`;
  return incompatibilities(older, source.schema).map((reason) => ({
    file: source.file,
    problem: `not compatible with release ${version}: ${reason}`,
    fix: `undo that here (a new field needs a "default"), or make ${next} with namespace ${source.domain}.v${source.version + 1} and leave this file as it was`,
  }));
}

function topicProblems(baseline: Baseline, topics: TopicsFile): Problem[] {
  const now = partitionsOf(topics);
  return Object.entries(baseline.topics)
    .filter(([name, partitions]) => now[name] !== partitions)
    .map(([name, partitions]) => ({
      file: 'topics.yaml',
      problem: `topic ${name} had ${partitions} partitions in release ${baseline.version}, now ${now[name] ?? 'it is gone'}`,
      fix: `set partitions back to ${partitions}: another count moves keys to other partitions; for more room make a new topic`,
    }));
}

function partitionsOf({ topics, defaults }: TopicsFile): Record<string, number> {
  const names = Object.keys(topics).sort();
  return Object.fromEntries(names.map((name) => [name, topics[name]?.partitions ?? defaults.partitions]));
}

function typeOf(source: ContractSource): string {
  const { namespace, name } = schemaOf(source);
  return `${namespace}.${name}`;
}

function fileOf(type: string): string {
  const [domain, version, name] = type.split('.');
  return `schemas/${domain}/${name}.${version}.avsc`;
}

/** Several releases often say the same; the earliest is enough. */
function firstOfEach(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ file, problem }) => {
    const key = `${file} ${problem.replace(/release \S+:/, '').replace(/in (release )?\S+/, '')}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

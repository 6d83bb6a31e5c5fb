import { servicesIn } from '../topic-settings.js';
import { baselineProblems, baselineText } from './baseline.js';
import { contractRules, isValidAvro } from './contract-rules.js';
import type { ContractSource, Topology } from './contract-source.js';
import { eventsDocument, topicsDocument } from './documents.js';
import { fieldRule } from './field-rules.js';
import type { Problem } from './problem.js';
import { setRules } from './set-rules.js';
import { parseContract, type Sources } from './sources.js';
import { parseTopology, type ParsedTopology } from './topology-rules.js';
import { catalogueModule, contractModule, topicsModule } from './typescript.js';

/** What the sources give: either problems, all of them at once, or files. */
export interface Generated {
  readonly problems: readonly Problem[];
  /** text by path relative to packages/contracts; empty when there are problems */
  readonly files: ReadonlyMap<string, string>;
  /** the baseline file that a release of these sources would leave */
  baselineOf(version: string): string;
}

/** Validates and renders. Pure: the same sources give the same bytes. */
export function generate(sources: Sources): Generated {
  const topology = parseTopology(sources.topics, sources.services);
  const parsed = [...sources.schemas].sort((a, b) => (a.file < b.file ? -1 : 1)).map(parseContract);
  const unreadable = parsed.filter((result) => 'problem' in result);
  const contracts = parsed.filter((result) => 'schema' in result);
  const problems = [
    ...topology.problems,
    ...unreadable,
    ...contracts.flatMap((source) => contractProblems(source, topology, sources.manifest.text)),
    ...setRules.flatMap((rule) => rule(contracts)),
    ...baselineProblems(sources.baselines, contracts, topology.topics),
  ];
  return {
    problems,
    files: problems.length > 0 ? new Map() : render(contracts, topology),
    baselineOf: (version) => baselineText(version, contracts, topology.topics),
  };
}

function contractProblems(source: ContractSource, { topics, services }: ParsedTopology, manifest: string): Problem[] {
  const names: Topology = {
    topics: new Set(Object.keys(topics.topics)),
    services: new Set(Object.keys(services.services)),
  };
  const found = [...contractRules, fieldRule].flatMap((rule) => rule(source, names));
  const all = [...found, ...exportProblems(source, manifest)];
  return found.length > 0 ? all : [...all, ...isValidAvro(source)];
}

/** Without such a line nobody could import the contract. */
function exportProblems({ version }: ContractSource, manifest: string): Problem[] {
  const pattern = `./*.v${version}`;
  if (manifest.includes(`"${pattern}"`)) return [];
  return [
    {
      file: 'package.json',
      problem: `it exports no contracts of version ${version}`,
      fix: `add "${pattern}" to "exports", like "./*.v1"`,
    },
  ];
}

function render(contracts: readonly ContractSource[], { topics, services }: ParsedTopology): Map<string, string> {
  const known = servicesIn(services);
  return new Map([
    ...contracts.map((source) => [outputOf(source), contractModule(source)] as const),
    ['src/generated/catalogue.ts', catalogueModule(contracts)],
    ['src/generated/topics.ts', topicsModule(topics, services)],
    ['../../docs/reference/events.md', eventsDocument(contracts, known)],
    ['../../docs/reference/topics.md', topicsDocument(topics, known, contracts)],
  ]);
}

function outputOf({ domain, name, version }: ContractSource): string {
  return `src/generated/${domain}/${name}.v${version}.ts`;
}

import { join } from 'node:path';
import { parseBaseline, type Baseline } from '@towpath/contracts/generator/baseline';
import type { ContractSource } from '@towpath/contracts/generator/contract-source';
import { fileFromRoot, type Problem } from '@towpath/contracts/generator/problem';
import { parseContract, readSources, type Sources } from '@towpath/contracts/generator/sources';
import { CliError, UsageError } from '../cli-error.js';
import { repository } from '../repository.js';

/** packages/contracts of this repository. */
export const contractsFolder = join(repository, 'packages', 'contracts');

/** The contracts as their files stand now, built or not. */
export interface WorkingTree {
  readonly sources: Sources;
  readonly contracts: readonly ContractSource[];
  /** what releases promised, oldest first */
  readonly baselines: readonly Baseline[];
}

/** Reads them. Throws CONTRACT_UNREADABLE naming the first file that is none. */
export function readWorkingTree(root = contractsFolder): WorkingTree {
  const sources = readSources(root);
  return {
    sources,
    contracts: sources.schemas.map((raw) => readable(parseContract(raw))),
    baselines: sources.baselines.map((raw) => readable(parseBaseline(raw))).sort(byVersion),
  };
}

/** `payments.v1.PaymentFailed` */
export function typeOf({ domain, version, name }: ContractSource): string {
  return `${domain}.v${version}.${name}`;
}

/**
 * The one type that a name means: its full type, its last part, or both with a version (`PaymentFailed.v2`), whatever the case.
 * Throws USAGE when it means several, CONTRACT_UNKNOWN when none.
 */
export function typeNamed(name: string, types: readonly string[]): string {
  const wanted = name.toLowerCase();
  const found = types.filter((type) => namesOf(type).includes(wanted));
  if (found.length > 1) throw new UsageError(`${name} may be ${found.join(' or ')}; give one of these.`);
  if (found[0] !== undefined) return found[0];
  throw new CliError(
    'CONTRACT_UNKNOWN',
    `no contract is called ${name}; \`towpath contracts list\` shows those there are.`,
  );
}

function namesOf(type: string): string[] {
  const [, version, name] = type.toLowerCase().split('.');
  return [type.toLowerCase(), `${name}`, `${name}.${version}`];
}

function readable<T extends object>(parsed: T | Problem): T {
  if (!('problem' in parsed)) return parsed;
  const { file, problem, fix } = parsed;
  throw new CliError('CONTRACT_UNREADABLE', `${fileFromRoot(file)}: ${problem}; ${fix}.`);
}

function byVersion(one: Baseline, other: Baseline): number {
  return one.version.localeCompare(other.version, 'en', { numeric: true });
}

import { all } from '@towpath/contracts/catalogue';
import { generate } from '@towpath/contracts/generator/generate';
import { differences } from '@towpath/contracts/generator/main';
import { fileFromRoot } from '@towpath/contracts/generator/problem';
import { readSources } from '@towpath/contracts/generator/sources';
import { services } from '@towpath/contracts/topics';
import type { Context } from '../context.js';
import { registryOf } from '../follow-topics.js';
import { setupTargets } from '../setup-targets.js';
import { contractsFolder } from './working-tree.js';

/** One thing that is wrong, with what mends it. */
interface Finding {
  readonly against: 'rules and releases' | 'generated files' | 'registry';
  readonly file: string;
  readonly problem: string;
  readonly fix: string;
}

/**
 * Holds all contracts of the working tree against the rules and every release, the generated files against them, and, unless
 * `offline`, what is generated against the registry. Shows each problem; the exit code is 1 when there is one.
 * Throws REGISTRY_UNAVAILABLE.
 */
export async function checkContracts(context: Context, { offline = false }: { offline?: boolean }): Promise<void> {
  const local = treeFindings();
  // Stale generated files would be what the registry is asked about.
  const findings = offline || local.findings.length > 0 ? local.findings : await inRegistry(context);
  for (const finding of findings) {
    const { file, problem, fix } = finding;
    context.show(`${context.colors.bold(file)}\n  problem: ${problem}\n  fix:     ${fix}`, finding);
  }
  if (findings.length > 0) process.exitCode = 1;
  else context.show(soundText(local.contracts, offline), { contracts: local.contracts, offline, problems: 0 });
}

function soundText(contracts: number, offline: boolean): string {
  const others = offline ? '; the registry was not asked' : ' and with the registry';
  return `${contracts} contracts keep the rules and are compatible with every release${others}`;
}

/** What is wrong with the contracts in `root` and with the files made from them. */
export function treeFindings(root = contractsFolder): { contracts: number; findings: Finding[] } {
  const sources = readSources(root);
  const generated = generate(sources);
  const broken = generated.problems.map(({ file, ...rest }): Finding => ({
    against: 'rules and releases',
    file: fileFromRoot(file),
    ...rest,
  }));
  const stale = broken.length > 0 ? [] : differences(root, generated);
  return {
    contracts: sources.schemas.length,
    findings: [
      ...broken,
      ...stale.map((line): Finding => {
        const [file = '', ...words] = line.split(' ');
        return { against: 'generated files', file, problem: words.join(' '), fix: 'run `npm run generate` and commit' };
      }),
    ],
  };
}

async function inRegistry({ home }: Context): Promise<Finding[]> {
  const stores = services()
    .filter(({ store }) => store)
    .map(({ name }) => name);
  const published = all().filter(({ kind }) => kind !== 'internal');
  const refused = await registryOf(setupTargets(home)).check(published, stores);
  return refused.map(({ subject, file, reason, fix }) => {
    return { against: 'registry', file, problem: `the registry refuses it under ${subject}: ${reason}`, fix };
  });
}

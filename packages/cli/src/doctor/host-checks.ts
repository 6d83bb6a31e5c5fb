import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadSources } from '@towpath/sources/load';
import { portOwner } from '@towpath/stack/port-owner';
import type { PortName } from '@towpath/stack/ports';
import { runningFrom } from '@towpath/stack/processes';
import type { Addresses } from '../addresses.js';
import { localServices } from '../local/service-environment.js';
import { repository } from '../repository.js';
import { processTable, withDescendants } from '../running/process-memory.js';
import { sourceFiles } from '../setup-targets.js';
import type { Check, Problem } from './check.js';

interface Needs {
  examineHost(
    asked: string | undefined,
    outputOf: unknown,
    nodeVersion: string,
  ): Promise<{ stack: string; missing: readonly { label: string; found: string | undefined; apt: string }[] }>;
  outputOf: unknown;
}

/** Checks that need no running platform. */
export function hostChecks(addresses: Addresses): Check[] {
  return [
    { name: 'host', fix: 'install what is named', run: hostNeeds },
    { name: 'ports', fix: 'end its holder, or set TOWPATH_PORT_OFFSET', run: async () => ports(addresses) },
    { name: 'processes', fix: 'start the platform with `towpath up`', run: async () => processes(addresses.home) },
    { name: 'sources', fix: 'see `towpath sources list`', run: async () => sources(addresses.home) },
  ];
}

async function hostNeeds(): Promise<Problem[] | string> {
  const file = join(repository, 'infra', 'stack', 'bootstrap', 'needs.mjs');
  const { examineHost, outputOf } = (await import(pathToFileURL(file).href)) as Needs;
  const { stack, missing } = await examineHost(
    process.env['TOWPATH_STACK'] || undefined,
    outputOf,
    process.versions.node,
  );
  if (missing.length === 0) return `has what the ${stack} stack needs`;
  return missing.map(({ label, found, apt }) => ({
    detail: `lacks ${label} (${found ? `found ${found}` : 'not found'})`,
    fix: `sudo apt-get install -y ${apt}`,
  }));
}

/** A port held by anything but this home's own processes is in the way of the platform. */
function ports({ home, ports: all }: Addresses): Problem[] | string {
  const own = withDescendants(
    pidFiles(home).flatMap(({ file }) => runningFrom(file)?.pid ?? []),
    processTable(),
  );
  const strangers = (Object.entries(all) as [PortName, number][]).flatMap(([name, port]) => {
    const owner = portOwner(port);
    return owner && !own.has(owner.pid)
      ? [{ detail: `${port} (${name}) is held by process ${owner.pid} (${owner.command})` }]
      : [];
  });
  return strangers.length > 0 ? strangers : 'none is held by others';
}

function processes(home: string): Problem[] | string {
  if (existsSync(join(home, 'run', 'docker.json'))) return 'the stack runs in Docker';
  const dead = pidFiles(home).filter(({ file }) => !runningFrom(file));
  if (dead.length === 0) return 'all run';
  if (dead.length === pidFiles(home).length) return [{ detail: `nothing of ${home} runs` }];
  return dead.map(({ name }) => ({
    detail: `${name} does not run`,
    fix: `see ${join(home, 'logs', `${name}.log`)}; \`towpath up\` starts it again`,
  }));
}

function sources(home: string): Problem[] | string {
  const all = [...loadSources(sourceFiles(home)).values()];
  if (all.length === 0) return [{ detail: 'there are none', fix: 'add one with `towpath sources add NAME`' }];
  const useless = all.filter(({ disabled, credentials }) => !disabled && credentials.length === 0);
  if (useless.length === 0) return all.map(({ name, disabled }) => (disabled ? `${name} (disabled)` : name)).join(', ');
  return useless.map(({ name, provider }) => ({
    detail: `${name} has no key that could verify anything`,
    fix: provider === 'operator' ? '`towpath operators add NAME`' : `\`towpath sources rotate ${name}\``,
  }));
}

function pidFiles(home: string): { name: string; file: string }[] {
  const parts = ['postgres', 'kafka', 'registry'].map((name) => ({ name, file: join(home, 'run', `${name}.json`) }));
  return [...parts, ...localServices.map(({ name }) => ({ name, file: join(home, 'run', `${name}.pid`) }))];
}

import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { PartName, Place } from './parts/part.js';
import { assertPortsFree, portVariables, type Ports } from './ports.js';
import { StackError } from './stack-error.js';
import type { Stack } from './stack-options.js';

const run = promisify(execFile);
const composeFile = resolve(import.meta.dirname, '..', '..', '..', 'docker-compose.yml');

/**
 * The same stack by docker-compose.yml, one compose project per home.
 * @throws StackError PORT_TAKEN; DOCKER_FAILED with what docker said.
 */
export async function startInDocker(
  place: Place,
  parts: readonly PartName[],
  report: (line: string) => void,
): Promise<Stack> {
  const { home, ports } = place;
  const running = await compose(home, ports, ['ps', '--quiet', '--status', 'running']);
  if (running.trim() === '') await assertPortsFree(ports, parts);
  mkdirSync(join(home, 'run'), { recursive: true });
  writeFileSync(markerOf(home), JSON.stringify({ project: projectOf(home) }));
  report(`starting ${parts.join(', ')} in Docker …`);
  await compose(home, ports, ['up', '--detach', '--wait', '--no-build', ...parts]);
  report(`${parts.join(', ')} ready in Docker`);
  return {
    env: {
      KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
      REGISTRY_URL: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
      ADMIN_DATABASE_URL: parts.includes('postgres') ? await adminUrl(home, ports) : '',
    },
    ports,
    pids: {},
    stop: () => stopInDocker(home, false),
    kill: (part, name) => killed(home, ports, ['kill', '--signal', name, part]),
    async restart(part) {
      await compose(home, ports, ['up', '--detach', '--wait', '--no-build', '--force-recreate', '--no-deps', part]);
    },
  };
}

/** Ends the containers of a home, if it has any; `removeData` removes their volumes too. */
export async function stopInDocker(home: string, removeData: boolean): Promise<void> {
  if (!existsSync(markerOf(home))) return;
  await compose(home, {}, ['down', '--remove-orphans', '--timeout', '10', ...(removeData ? ['--volumes'] : [])]);
  // Kept while volumes exist, so that a later removal still finds them.
  if (removeData) rmSync(markerOf(home), { force: true });
}

async function adminUrl(home: string, ports: Ports): Promise<string> {
  const password = await compose(home, ports, ['exec', '-T', 'postgres', 'cat', '/run/towpath-secrets/postgres-admin']);
  return `postgres://towpath_admin:${password.trim()}@127.0.0.1:${ports.postgres}/towpath`;
}

async function compose(home: string, ports: Partial<Ports>, line: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('docker', command(home, line), { env: environment(ports), maxBuffer: 20_000_000 });
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    const fix = "Check that the Docker daemon runs ('docker info'), or use '--stack local'.";
    throw new StackError('DOCKER_FAILED', `'docker compose ${line.join(' ')}' failed: ${said.slice(-1500)} ${fix}`);
  }
}

function killed(home: string, ports: Ports, line: readonly string[]): boolean {
  return spawnSync('docker', command(home, line), { env: environment(ports), stdio: 'ignore' }).status === 0;
}

function command(home: string, line: readonly string[]): string[] {
  return ['compose', '--file', composeFile, '--project-name', projectOf(home), ...line];
}

function environment(ports: Partial<Ports>): NodeJS.ProcessEnv {
  return { ...process.env, ...portVariables(ports) };
}

/** Two homes never share containers or volumes, even when their folders have the same name. */
function projectOf(home: string): string {
  const name = basename(home)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
  return `towpath-${name}-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
}

function markerOf(home: string): string {
  return join(home, 'run', 'docker.json');
}

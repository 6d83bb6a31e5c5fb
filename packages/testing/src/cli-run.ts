import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '@towpath/cli/local/platform';
import { portVariables, type Ports } from '@towpath/stack/ports';

/** How one run of the command line ended. */
export interface CliRun {
  /** null when a signal ended it */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface CliOptions {
  readonly home: string;
  readonly ports: Ports;
  /** Sends SIGINT, as Ctrl-C does, when a line of its progress matches. */
  readonly interruptAt?: RegExp;
  readonly msMax: number;
  /** what it is set to besides */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Its own options, and the addresses of the stack that integration specs of the same run share: they would go before the home's. */
const ofTheTestRunner = ['NODE_OPTIONS', 'KAFKA_BROKERS', 'REGISTRY_URL', 'ADMIN_DATABASE_URL'];

/** Runs the built `towpath` as a process of its own, with a home and ports of its own. */
export async function runCli(words: readonly string[], options: CliOptions): Promise<CliRun> {
  const startedAt = performance.now();
  const child = spawn(
    join(repository, 'node_modules', '.bin', 'node'),
    [join(repository, 'packages', 'cli', 'dist', 'main.js'), ...words],
    { cwd: repository, env: environmentOf(options), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const patience = setTimeout(() => child.kill('SIGKILL'), options.msMax);
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (interrupted || !options.interruptAt?.test(stderr)) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(patience);
  return { code, stdout, stderr, ms: Math.round(performance.now() - startedAt) };
}

/** Running processes that mention the folder in their command line or environment: those of a home that were left behind. */
export function processesOf(home: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
      const mentions = command.includes(home) || readOrEmpty(`/proc/${pid}/environ`).includes(home);
      return mentions ? [`${pid} ${command}`] : [];
    });
}

function environmentOf({ home, ports, environment: own }: CliOptions): NodeJS.ProcessEnv {
  const environment = { ...process.env, ...portVariables(ports) };
  for (const name of ofTheTestRunner) delete environment[name];
  return { ...environment, ...own, TOWPATH_HOME: home };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile, or another user's
  }
}

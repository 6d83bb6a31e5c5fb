import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StackError } from './stack-error.js';
import { until } from './until.js';

/** A pid alone may be reused by a stranger; with its start time it names one process for ever. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

export interface Launch {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly uid?: number;
  readonly gid?: number;
}

const keptLogBytes = 10_000_000;

/**
 * Starts a process that outlives this one (own session, so Ctrl-C does not reach it) and records who it is.
 * @throws StackError START_FAILED when the command can't be run.
 */
export async function launch(options: Launch): Promise<ProcessIdentity> {
  mkdirSync(dirname(options.pidFile), { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  if (existsSync(options.logFile) && statSync(options.logFile).size > keptLogBytes) truncateSync(options.logFile);
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.command, options.arguments, {
    cwd: options.cwd,
    env: options.environment,
    detached: true,
    stdio: ['ignore', log, log],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => reject(new StackError('START_FAILED', `${options.command}: ${error.message}.`)));
  });
  child.unref();
  const identity = { pid: child.pid ?? 0, startedAt: startTimeOf(child.pid ?? 0) ?? 'ended' };
  writeFileSync(options.pidFile, JSON.stringify(identity));
  return identity;
}

/** The recorded process when it still runs; undefined when there is none, or when its pid belongs to somebody else now. */
export function runningFrom(pidFile: string): ProcessIdentity | undefined {
  if (!existsSync(pidFile)) return undefined;
  const identity = parseIdentity(readFileSync(pidFile, 'utf8'));
  return identity && isAlive(identity) ? identity : undefined;
}

export function isAlive(identity: ProcessIdentity): boolean {
  return startTimeOf(identity.pid) === identity.startedAt;
}

/** Sends a signal unless the process has ended; answers whether it was sent. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, name);
    return true;
  } catch {
    return false; // ended between the look and the signal
  }
}

/**
 * Ends a recorded process, politely first: each signal gets `graceMs`, the last one is SIGKILL. Removes the pidfile.
 * @throws StackError STOP_FAILED when it survives SIGKILL.
 */
export async function end(pidFile: string, signals: readonly NodeJS.Signals[], graceMs: number): Promise<void> {
  const identity = runningFrom(pidFile);
  if (identity) {
    for (const name of [...signals, 'SIGKILL'] as const) {
      signal(identity, name);
      if (await until(() => !isAlive(identity), graceMs)) break;
    }
    if (isAlive(identity)) throw new StackError('STOP_FAILED', `process ${identity.pid} survives SIGKILL.`);
  }
  rmSync(pidFile, { force: true });
}

/** When a process started, in the system's own notation; undefined when it is gone or only waits to be reaped. */
export function startTimeOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return psStartTime(pid);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may hold spaces, so columns are counted after it: state is the 3rd, start time the 22nd.
    const columns = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return columns[0] === 'Z' ? undefined : columns[19];
  } catch {
    return undefined;
  }
}

function psStartTime(pid: number): string | undefined {
  const [state, ...started] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  return state?.startsWith('Z') ? undefined : started.join(' ');
}

function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return undefined;
    return { pid: Number(value.pid), startedAt: String(value.startedAt) };
  } catch {
    return undefined; // written half before a crash
  }
}

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { LocalPlatform } from '@towpath/cli/local/platform';
import { kibibytesOf, processTable, withDescendants } from '@towpath/cli/running/process-memory';

/** What one program of the platform, with the processes it started, takes. */
export interface Usage {
  readonly name: string;
  readonly pids: readonly number[];
  /** proportional set size: what processes share counts once */
  readonly memoryBytes: number;
  /** processor time since the processes began; of those that ended meanwhile nothing is known */
  readonly cpuMs: number;
}

const MS_PER_TICK = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Every program of the platform: the parts of its stack and its services. Throws when one does not run. */
export function usageOf({ stack, services }: Pick<LocalPlatform, 'stack' | 'services'>): Usage[] {
  const table = processTable();
  const roots = { ...stack.pids, ...Object.fromEntries([...services].map(([name, { pid }]) => [name, pid])) };
  return Object.entries(roots).map(([name, root]) => {
    if (root === undefined) throw new Error(`NOT_RUNNING: ${name}`);
    const pids = [...withDescendants([root], table)];
    return { name, pids, memoryBytes: total(pids.map(memoryBytesOf)), cpuMs: total(pids.map(cpuMsOf)) };
  });
}

export function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}

function memoryBytesOf(pid: number): number {
  return kibibytesOf('Pss', readOrEmpty(`/proc/${pid}/smaps_rollup`)) * 1024;
}

function cpuMsOf(pid: number): number {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The command in parentheses may hold spaces; counted from the state, user and system time are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MS_PER_TICK;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile
  }
}

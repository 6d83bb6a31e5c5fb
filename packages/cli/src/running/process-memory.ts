import { readdirSync, readFileSync } from 'node:fs';

/** A process and who started it. */
export interface ProcessParent {
  readonly pid: number;
  readonly parent: number;
  /** processes of one terminal session share it */
  readonly session: number;
}

/**
 * Memory of processes and all their descendants in bytes: proportional set size, so that what they share counts once.
 * Undefined where /proc has no such numbers (macOS).
 */
export function memoryOf(pids: readonly number[]): number | undefined {
  const table = processTable();
  if (table.length === 0) return undefined;
  return [...withDescendants(pids, table)].reduce((sum, pid) => sum + proportionalBytes(pid), 0);
}

/** The given processes and all that descend from them. */
export function withDescendants(
  pids: readonly number[],
  table: readonly Pick<ProcessParent, 'pid' | 'parent'>[],
): Set<number> {
  const found = new Set(pids);
  let before = -1;
  while (found.size !== before) {
    before = found.size;
    for (const { pid, parent } of table) if (found.has(parent)) found.add(pid);
  }
  return found;
}

/** All processes of this machine; empty without /proc. */
export function processTable(): ProcessParent[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => parentOf(Number(name)));
  } catch {
    return [];
  }
}

function parentOf(pid: number): ProcessParent[] {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The command in parentheses may hold spaces; after it come state, parent, group and session.
  const [, parent, , session] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return parent === undefined || session === undefined ? [] : [{ pid, parent, session }];
}

function proportionalBytes(pid: number): number {
  return kibibytesOf('Pss', readOrEmpty(`/proc/${pid}/smaps_rollup`)) * 1024;
}

/** A number of the form `Pss:   1234 kB`; 0 when it isn't there. */
export function kibibytesOf(name: string, text: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // ended meanwhile, or another user's
  }
}

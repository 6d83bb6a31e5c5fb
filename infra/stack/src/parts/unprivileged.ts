import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StackError } from '../stack-error.js';

/** Who runs Postgres, which refuses to run as root. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
  /** A command to put before the program, empty when none is needed. */
  readonly wrapper: readonly string[];
}

/**
 * Ourselves, or `nobody` when we are root. If folders above `paths` are closed to others (a clone under /root), the program
 * is started with the single capability to read through them instead of opening the folders.
 * @throws StackError FOLDER_CLOSED when that isn't possible here.
 */
export function unprivilegedAccount(paths: readonly string[]): Account {
  if (process.getuid?.() !== 0) return { wrapper: [] };
  const uid = idOf('-u');
  const gid = idOf('-g');
  const closed = paths.flatMap((path) => closedAncestors(path));
  if (closed.length === 0) return { uid, gid, wrapper: [] };
  for (const capability of ['dac_read_search', 'dac_override']) {
    const wrapper = setprivLine(uid, gid, capability);
    if (runs([...wrapper, 'test', '-x', ...paths.slice(0, 1)])) return { uid, gid, wrapper };
  }
  throw new StackError(
    'FOLDER_CLOSED',
    `Postgres can't run as root, and nobody may enter ${closed[0]}: run 'chmod o+x ${closed[0]}', or clone elsewhere.`,
  );
}

function setprivLine(uid: number, gid: number, capability: string): string[] {
  const capabilities = [`--inh-caps=+${capability}`, `--ambient-caps=+${capability}`];
  // Without the secure bit access(2), by which Postgres looks for its own files, would ignore the capability.
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    ...capabilities,
    '--securebits=+no_setuid_fixup',
    '--',
  ];
}

function idOf(kind: '-u' | '-g'): number {
  return Number(execFileSync('id', [kind, 'nobody'], { encoding: 'utf8' }));
}

function closedAncestors(path: string): string[] {
  const parent = dirname(path);
  const others = 0o001;
  const closed = (statSync(parent).mode & others) === 0 ? [parent] : [];
  return parent === path ? [] : [...closedAncestors(parent), ...closed];
}

function runs(line: readonly string[]): boolean {
  try {
    execFileSync(line[0] ?? '', line.slice(1), { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

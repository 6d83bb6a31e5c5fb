import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startTimeOf } from './processes.js';
import { StackError } from './stack-error.js';
import { until } from './until.js';

/**
 * Runs `work` while no other process holds the same lock file. A lock whose holder died is taken over.
 * @throws StackError LOCKED when the holder keeps it longer than `waitMs` milliseconds.
 */
export async function withLock<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  if (!(await until(() => acquire(path), waitMs, 200))) {
    throw new StackError('LOCKED', `${path} is held by ${readHolder(path)}; wait for it, or delete the file.`);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function acquire(path: string): boolean {
  const own = `${path}.${process.pid}`;
  // Written aside and linked, so that nobody ever reads a lock without its holder.
  writeFileSync(own, `${process.pid} ${startTimeOf(process.pid)}`);
  try {
    linkSync(own, path);
    return true;
  } catch {
    removeIfAbandoned(path, own);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function removeIfAbandoned(path: string, own: string): void {
  const holder = readHolder(path);
  const [pid, startedAt] = holder.split(' ');
  if (!pid || startTimeOf(Number(pid)) === startedAt) return;
  const aside = `${own}.abandoned`;
  try {
    // Moved, not deleted: if another process took the lock over since we looked, it gets it back.
    renameSync(path, aside);
    if (readHolder(aside) !== holder) linkSync(aside, path);
  } catch {
    // somebody else was quicker
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { withLock } from './lock.js';
import { StackError } from './stack-error.js';
import { versions } from './versions.js';

const run = promisify(execFile);
const tenMinutes = 600_000;

/**
 * The folder of one unpacked part, e.g. `kafka-4.1.1`. Fetched once: `fill` puts the files into an empty folder, which takes
 * its final name only when complete, so a broken download is never used and a present part needs no network.
 */
export async function fetchPart(parts: string, name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(parts, name);
  const marker = join(folder, '.complete');
  if (existsSync(marker)) return folder;
  return withLock(join(parts, `${name}.lock`), tenMinutes, async () => {
    if (existsSync(marker)) return folder;
    const work = join(parts, `${name}.partial`);
    rmSync(work, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    await fill(work);
    writeFileSync(join(work, '.complete'), '');
    renameSync(work, folder);
    return folder;
  });
}

/** Runs a Maven goal with checksums enforced and a repository of its own, which is deleted afterwards to save disk. */
export async function maven(folder: string, goal: string, options: readonly string[]): Promise<void> {
  const repository = `${folder}.maven`;
  try {
    const pinned = `${versions.mavenDependencyPlugin}:${goal}`;
    await command('mvn', ['-B', '-q', '-C', `-Dmaven.repo.local=${repository}`, pinned, ...options], folder);
  } finally {
    rmSync(repository, { recursive: true, force: true });
  }
}

/**
 * Runs a command of the host to its end.
 * @throws StackError FETCH_FAILED with the command and the end of its output.
 */
export async function command(program: string, options: readonly string[], cwd: string): Promise<void> {
  try {
    await run(program, options, { cwd, timeout: tenMinutes, maxBuffer: 20_000_000 });
  } catch (error) {
    const output =
      error instanceof Error ? `${error.message} ${'stdout' in error ? String(error.stdout) : ''}` : String(error);
    const fix = 'Check the network and the settings of the package client, then start again.';
    throw new StackError('FETCH_FAILED', `'${program} ${options.join(' ')}' failed: ${output.slice(-1500)} ${fix}`);
  }
}

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Disk that folders take, in bytes; undefined when `du` can't tell. Folders that aren't there count nothing. */
export function diskUseOf(folders: readonly string[]): Promise<number | undefined> {
  const present = folders.filter((folder) => existsSync(folder));
  if (present.length === 0) return Promise.resolve(0);
  return new Promise((resolve) => {
    // Its exit code is 1 when a file vanished meanwhile; the total is still right.
    execFile('du', ['-sk', ...present], { maxBuffer: 1_000_000 }, (_error, stdout) => resolve(totalOf(stdout)));
  });
}

function totalOf(output: string): number | undefined {
  const kibibytes = output.split('\n').flatMap((line) => /^(\d+)\s/.exec(line)?.[1] ?? []);
  return kibibytes.length === 0 ? undefined : kibibytes.reduce((sum, text) => sum + Number(text), 0) * 1024;
}

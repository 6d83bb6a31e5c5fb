import { resolve } from 'node:path';

/** npm runs scripts in the package's folder; paths are meant from where it was called. */
export function fromCaller(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

/** The seed in `--seed N`, or 1. Throws what is wrong with it. */
export function seedIn(text: string | undefined): number {
  const seed = Number(text ?? '1');
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed N must be a whole number');
  return seed;
}

/** A line of progress on standard error, at most one a second and the last one. */
export function progressLines(): (line: string) => void {
  let saidAt = 0;
  return (line) => {
    if (performance.now() - saidAt < 1_000) return;
    saidAt = performance.now();
    process.stderr.write(`${line}\n`);
  };
}

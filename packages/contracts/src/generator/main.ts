import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generate, type Generated } from './generate.js';
import { fileFromRoot, printProblems } from './problem.js';
import { filesUnder, readSources } from './sources.js';

const usage = `Usage: npm run generate [-- --check | -- --release VERSION]
  (nothing)          validate the contracts and write the generated files
  --check            validate, and fail when a committed file differs from what would be written
  --release VERSION  also keep the contracts as the baseline of that release, such as 0.2.0`;

/** Runs the generator on packages/contracts at `root`. Gives the exit code: 0, or 1 when anything is wrong. */
export function main(root: string, args: readonly string[], print: (line: string) => void): number {
  const [flag, version] = args;
  if (args.length > 2 || (flag !== undefined && flag !== '--check' && flag !== '--release')) {
    print(usage);
    return 1;
  }
  const generated = generate(readSources(root));
  if (generated.problems.length > 0) {
    print(printProblems(generated.problems));
    return 1;
  }
  if (flag === '--check') return check(root, generated, print);
  if (flag === '--release' && !release(root, version ?? '', generated, print)) return 1;
  write(root, generated);
  print(`${generated.files.size} files are up to date.`);
  return 0;
}

function check(root: string, generated: Generated, print: (line: string) => void): number {
  const different = differences(root, generated);
  if (different.length === 0) return 0;
  print(different.map((line) => `${line}\n`).join('') + 'Run `npm run generate` and commit what it writes.');
  return 1;
}

/** What on disk is not what the sources give: one line per file. */
export function differences(root: string, { files }: Generated): string[] {
  const changed = [...files]
    .filter(([file, text]) => !existsSync(join(root, file)) || readFileSync(join(root, file), 'utf8') !== text)
    .map(([file]) => `${fileFromRoot(file)} is not what the sources give`);
  return [...changed, ...leftovers(root, files).map((file) => `${fileFromRoot(file)} has no source any more`)];
}

function write(root: string, { files }: Generated): void {
  for (const file of leftovers(root, files)) rmSync(join(root, file));
  for (const [file, text] of files) {
    const path = join(root, file);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function leftovers(root: string, files: ReadonlyMap<string, string>): string[] {
  return filesUnder(root, 'src/generated').filter((file) => !files.has(file));
}

function release(root: string, version: string, generated: Generated, print: (line: string) => void): boolean {
  const file = `baseline/${version}.json`;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    print(`--release needs a version such as 0.2.0, not "${version}".`);
    return false;
  }
  if (existsSync(join(root, file))) {
    print(`${fileFromRoot(file)} exists: what a release promised is never rewritten. Choose the next version.`);
    return false;
  }
  mkdirSync(join(root, 'baseline'), { recursive: true });
  writeFileSync(join(root, file), generated.baselineOf(version));
  print(`${fileFromRoot(file)} holds the contracts of release ${version}.`);
  return true;
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const groups = ['apps', 'packages'];

/** The folders of all workspaces, relative to the repository. */
export function workspaces(repository) {
  const found = groups.flatMap((group) => foldersIn(repository, group));
  return [...found, 'infra/stack'].filter((folder) => existsSync(join(repository, folder, 'package.json')));
}

/** A fingerprint of everything that `npm ci` depends on. */
export function installFingerprint(repository) {
  const manifests = workspaces(repository).map((folder) => `${folder}/package.json`);
  return fingerprint(repository, ['package-lock.json', 'package.json', ...manifests]);
}

/** A fingerprint of everything that the build depends on. */
export function buildFingerprint(repository) {
  const files = workspaces(repository).flatMap((folder) => filesIn(repository, folder));
  const built = files.filter((path) => !path.endsWith('.spec.ts'));
  return fingerprint(repository, ['.swcrc', 'turbo.json', 'package-lock.json', ...built]);
}

/** Whether every workspace that has sources has been built. */
export function isBuilt(repository) {
  const withSources = workspaces(repository).filter((folder) => filesIn(repository, `${folder}/src`).some(isSource));
  return withSources.every((folder) => existsSync(join(repository, folder, 'dist')));
}

/** Whether the marker of an earlier run holds this fingerprint. */
export function isMarked(marker, value) {
  return existsSync(marker) && readFileSync(marker, 'utf8') === value;
}

export function mark(marker, value) {
  writeFileSync(marker, value);
}

function isSource(path) {
  return path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.endsWith('.d.ts');
}

function foldersIn(repository, group) {
  const folder = join(repository, group);
  return existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((name) => `${group}/${name}`)
    : [];
}

const made = new Set(['node_modules', 'dist', '.turbo']);

/** All files of a folder that people write, in a fixed order. */
function filesIn(repository, folder) {
  const path = join(repository, folder);
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => !made.has(entry.name));
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const inside = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesIn(repository, inside);
    return entry.isFile() ? [inside] : [];
  });
}

function fingerprint(repository, paths) {
  const hash = createHash('sha256');
  for (const path of paths)
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(repository, path)))
      .update('\0');
  return hash.digest('hex');
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Names the code that folds: a hash over every built file of the program and of the packages that folds are made of. Whatever
 * changes in them, states that older code folded are not taken for its own.
 */
export function codeVersion(program = process.argv[1] ?? ''): string {
  const folders = [
    dirname(program),
    import.meta.dirname,
    folderOf('@towpath/contracts/catalogue'),
    folderOf('@towpath/event-store/fold'),
  ];
  const hash = createHash('sha256');
  for (const file of folders.flatMap(codeIn)) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function folderOf(module: string): string {
  return dirname(fileURLToPath(import.meta.resolve(module)));
}

function codeIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => join(folder, name));
}

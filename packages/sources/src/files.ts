import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMap, type Document } from 'yaml';

/** Where sources live. Both paths are taken as they are. */
export interface SourceFiles {
  /** path of sources.yaml; operators.yaml is its sibling */
  readonly sourcesFile: string;
  /** folder of the secret files that sources.yaml names */
  readonly secretsDir: string;
  /** path of tokens.yaml; default: beside sources.yaml. Elsewhere, a console can read it without seeing the sources. */
  readonly tokensFile?: string;
}

/** The file with the people and their public keys, beside sources.yaml. */
export function operatorsFileOf(files: SourceFiles): string {
  return join(dirname(files.sourcesFile), 'operators.yaml');
}

/** The file with the tokens of the console. */
export function tokensFileOf(files: TokenFiles): string {
  return files.tokensFile ?? join(dirname(files.sourcesFile ?? '.'), 'tokens.yaml');
}

/** What of the files tells where the tokens are. */
export type TokenFiles = Partial<Pick<SourceFiles, 'sourcesFile' | 'tokensFile'>>;

/** The text of a file, or null when there is none. */
export function readTextIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Replaces a file as a whole, or not at all: a reader sees the old text or the new one, also after a power cut. */
export function writeAtomically(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = openSync(temporary, 'wx', mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Makes `key` of the document a map that is written one entry a line, whatever it was before: absent, empty or in braces. */
export function writeAsBlock(document: Document, key: string): void {
  const node: unknown = document.get(key);
  if (isMap(node)) node.flow = false;
  else document.setIn([key], document.createNode({}));
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, type ContractSource } from './contract-source.js';
import type { Problem } from './problem.js';

/** A file as it stands on disk; `file` is relative to packages/contracts. */
export interface RawFile {
  readonly file: string;
  readonly text: string;
}

/** Everything that the generated files are made from. */
export interface Sources {
  readonly schemas: readonly RawFile[];
  readonly topics: RawFile;
  readonly services: RawFile;
  readonly baselines: readonly RawFile[];
  readonly manifest: RawFile;
}

/** Reads packages/contracts at `root`, in an order that does not depend on the file system. */
export function readSources(root: string): Sources {
  const read = (file: string): RawFile => ({ file, text: readFileSync(join(root, file), 'utf8') });
  return {
    schemas: filesUnder(root, 'schemas').map(read),
    topics: read('topics.yaml'),
    services: read('services.yaml'),
    baselines: filesUnder(root, 'baseline').map(read),
    manifest: read('package.json'),
  };
}

/** Files in `folder` and below, relative to `root`, sorted. */
export function filesUnder(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, '/').length))
    .sort();
}

/** What a schema file holds, or why it can not be read. */
export function parseContract(raw: RawFile): ContractSource | Problem {
  const named = /^schemas\/([a-z][a-z0-9_]*)\/([A-Z][A-Za-z0-9]*)\.v([1-9][0-9]*)\.avsc$/.exec(raw.file);
  if (!named) {
    return {
      file: raw.file,
      problem: 'its path does not say domain, name and version',
      fix: 'name it schemas/<domain>/<Name>.v<n>.avsc: domain in lower case, Name in PascalCase, n from 1',
    };
  }
  const schema = parsed(raw.text);
  if (typeof schema === 'string' || !isObject(schema.value)) {
    return {
      file: raw.file,
      problem: typeof schema === 'string' ? `is not JSON: ${schema}` : 'is not a JSON object',
      fix: 'write one Avro record in it; any other schema file is an example',
    };
  }
  return {
    file: raw.file,
    domain: named[1] ?? '',
    name: named[2] ?? '',
    version: Number(named[3]),
    schema: schema.value,
  };
}

function parsed(text: string): { value: unknown } | string {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

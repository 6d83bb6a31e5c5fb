import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseDocument, type Document } from 'yaml';
import { readTextIfThere, writeAsBlock, writeAtomically, type SourceFiles } from './files.js';
import { newSecret } from './keys.js';
import { checkSecret } from './load.js';
import type { Provider } from './providers.js';
import { checkName, parseSources, type Source } from './schema.js';
import type { SchemeName } from './schemes.js';
import { SourceError } from './source-error.js';

/** Settings of a new source; what is left out takes its default. */
export interface NewSource {
  readonly provider: Provider;
  readonly scheme: SchemeName;
  /** the secret, when the provider made it (Stripe, Zendesk and Intercom do); otherwise a new one is made */
  readonly secret?: string;
  readonly allow?: readonly string[];
  readonly proxies?: number;
  readonly ratePerSecond?: number;
}

/** A source's secret, to be shown once; null for `operator`, where people have keys. */
export interface SecretOnce {
  readonly name: string;
  readonly secret: string | null;
  /** path to post deliveries to */
  readonly path: string;
}

/** All sources as written, by name; empty when there is no file. Throws SOURCES_INVALID. */
export function listSources(files: SourceFiles): Record<string, Source> {
  return parseSources(readTextIfThere(files.sourcesFile) ?? '', files.sourcesFile);
}

/** Adds a source. Throws SOURCE_EXISTS, SOURCE_NAME_INVALID, KEY_INVALID or SOURCES_INVALID; then nothing has changed. */
export function addSource(files: SourceFiles, name: string, source: NewSource): SecretOnce {
  checkName(name);
  if (listSources(files)[name]) {
    throw new SourceError(
      'SOURCE_EXISTS',
      `Source ${name} exists; rotate it for a new secret, or choose another name.`,
    );
  }
  const { secret: given, ...settings } = source;
  const secret = source.provider === 'operator' ? null : (given ?? newSecret());
  const secretFiles =
    secret === null ? {} : { secretFiles: { current: writeSecret(files, name, source.scheme, secret) } };
  edit(files, (document) => document.setIn(['sources', name], document.createNode({ ...settings, ...secretFiles })));
  return { name, secret, path: pathOf(name) };
}

/**
 * Gives a source another secret; the present one goes on verifying for `overlapMs`.
 * Throws SOURCE_UNKNOWN, SOURCE_HAS_NO_SECRET or KEY_INVALID; then nothing has changed.
 */
export function rotateSource(files: SourceFiles, name: string, overlapMs: number, given?: string): SecretOnce {
  const source = existing(files, name);
  if (!source.secretFiles) {
    throw new SourceError(
      'SOURCE_HAS_NO_SECRET',
      `People sign for source ${name}; use \`towpath operators add\` and \`revoke\`.`,
    );
  }
  const secret = given ?? newSecret();
  const current = writeSecret(files, name, source.scheme, secret);
  const previous = { file: source.secretFiles.current, expiresAt: new Date(Date.now() + overlapMs).toISOString() };
  edit(files, (document) =>
    document.setIn(['sources', name, 'secretFiles'], document.createNode({ current, previous })),
  );
  return { name, secret, path: pathOf(name) };
}

/** Stops a source from taking deliveries, or lets it take them again. Throws SOURCE_UNKNOWN. */
export function setSourceDisabled(files: SourceFiles, name: string, disabled: boolean): void {
  existing(files, name);
  edit(files, (document) => document.setIn(['sources', name, 'disabled'], disabled));
}

function existing(files: SourceFiles, name: string): Source {
  const source = listSources(files)[name];
  if (source) return source;
  throw new SourceError('SOURCE_UNKNOWN', `There is no source ${name.slice(0, 64)}; see \`towpath sources list\`.`);
}

function pathOf(name: string): string {
  return `/webhooks/${name}`;
}

/** Each secret has a file of its own, so that one write of sources.yaml switches from the old to the new one. */
function writeSecret(files: SourceFiles, name: string, scheme: SchemeName, secret: string): string {
  checkSecret(scheme, secret);
  const file = `${name}.${randomBytes(4).toString('hex')}.secret`;
  writeAtomically(join(files.secretsDir, file), `${secret}\n`, 0o600);
  return file;
}

/** Edits the document rather than its data, so that people's comments stay. */
function edit(files: SourceFiles, change: (document: Document) => void): void {
  const document = parseDocument(readTextIfThere(files.sourcesFile) ?? '');
  writeAsBlock(document, 'sources');
  change(document);
  const text = document.toString();
  parseSources(text, files.sourcesFile);
  writeAtomically(files.sourcesFile, text, 0o600);
}

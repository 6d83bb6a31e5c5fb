import { join } from 'node:path';
import { operatorsFileOf, readTextIfThere, type SourceFiles } from './files.js';
import { publicKeyOf, secretBytesOf } from './keys.js';
import { parseOperators, parseSources, type Source } from './schema.js';
import type { SchemeName } from './schemes.js';
import { SourceError } from './source-error.js';
import { listTokens } from './tokens.js';

/** What a delivery of a source may be signed with. */
export interface Credential {
  /** a shared secret as written, or a public key (`whpk_…`) */
  readonly text: string;
  /** milliseconds since the epoch from which on it no longer verifies; null = no end */
  readonly expiresAt: number | null;
  /** the person whose key it is, for the provider `operator` */
  readonly person: { readonly name: string; readonly role: string } | null;
}

/** A source with the credentials read from its files. */
export interface LoadedSource extends Source {
  readonly name: string;
  readonly credentials: readonly Credential[];
}

/** More people than this would make one forged command costly: each of their keys is tried. */
const PEOPLE_MAX = 64;

/**
 * All sources with their credentials, by name; empty when there is no sources.yaml.
 * Throws SOURCES_INVALID (settings), SECRET_MISSING or KEY_INVALID (secret files): one wrong source fails the whole load, so
 * that a half-written change is never in force.
 */
export function loadSources(files: SourceFiles): ReadonlyMap<string, LoadedSource> {
  const sources = parseSources(readTextIfThere(files.sourcesFile) ?? '', files.sourcesFile);
  const people = loadPeople(files);
  const loaded = new Map<string, LoadedSource>();
  for (const [name, source] of Object.entries(sources)) {
    const credentials = source.provider === 'operator' ? people : secretsOf(name, source, files.secretsDir);
    loaded.set(name, { ...source, name, credentials });
  }
  return loaded;
}

function loadPeople(files: SourceFiles): Credential[] {
  const path = operatorsFileOf(files);
  const people = Object.entries(parseOperators(readTextIfThere(path) ?? '', path));
  if (people.length > PEOPLE_MAX) {
    throw new SourceError(
      'SOURCES_INVALID',
      `${path} names ${people.length} people; at most ${PEOPLE_MAX} are possible: revoke some.`,
    );
  }
  return [
    ...people.map(([name, { role, publicKey }]) => ({ text: publicKey, expiresAt: null, person: { name, role } })),
    ...sessionsOf(files),
  ];
}

/** What people sign with while the console has their token, until it is over. */
function sessionsOf(files: SourceFiles): Credential[] {
  return Object.values(listTokens(files)).flatMap(({ person, role, publicKey, expiresAt }) => {
    const over = Date.parse(expiresAt);
    if (publicKey === null || over <= Date.now()) return [];
    return [{ text: publicKey, expiresAt: over, person: { name: person, role } }];
  });
}

function secretsOf(name: string, source: Source, secretsDir: string): Credential[] {
  const { current, previous } = source.secretFiles ?? {};
  if (!current) return [];
  const credentials = [readSecret(name, source.scheme, join(secretsDir, current), null)];
  if (previous) {
    const expiresAt = Date.parse(previous.expiresAt);
    // An expired secret's file may be gone: it can't verify anything anyway.
    if (expiresAt > Date.now())
      credentials.push(readSecret(name, source.scheme, join(secretsDir, previous.file), expiresAt));
  }
  return credentials;
}

function readSecret(name: string, scheme: SchemeName, path: string, expiresAt: number | null): Credential {
  const text = readTextIfThere(path)?.trim();
  if (text === undefined) {
    throw new SourceError(
      'SECRET_MISSING',
      `Source ${name}: ${path} is missing; restore it or run \`towpath sources rotate ${name}\`.`,
    );
  }
  try {
    checkSecret(scheme, text);
  } catch (error) {
    throw new SourceError('KEY_INVALID', `Source ${name}: ${path} can't be used. ${(error as Error).message}`);
  }
  return { text, expiresAt, person: null };
}

/** Throws KEY_INVALID unless `text` can verify deliveries of that scheme. */
export function checkSecret(scheme: SchemeName, text: string): void {
  if (scheme === 'standard') {
    if (text.startsWith('whpk_')) publicKeyOf(text);
    else secretBytesOf(text);
  } else if (!/^[\x21-\x7e]{16,256}$/.test(text)) {
    throw new SourceError(
      'KEY_INVALID',
      'A secret of a provider is 16 to 256 characters without spaces; copy it from where the provider shows it.',
    );
  }
}

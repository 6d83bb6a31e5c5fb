import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addOperator, listOperators } from '@towpath/sources/edit-operators';
import { addSource, listSources } from '@towpath/sources/edit-sources';
import type { SourceFiles } from '@towpath/sources/files';
import { PROVIDERS } from '@towpath/sources/providers';

/** Where a home keeps its sources and their secrets. */
export function sourceFilesOf(home: string): SourceFiles {
  return { sourcesFile: join(home, 'config', 'sources.yaml'), secretsDir: join(home, 'secrets', 'sources') };
}

/** The file with a person's private key; only the person's own tools read it. */
export function operatorKeyFile(home: string, name: string): string {
  return join(home, 'secrets', 'operators', `${name}.key`);
}

/** The person that the local stack makes, so that every verb works from the first minute. */
export const LOCAL_OPERATOR = 'local';

/** What the local stack takes deliveries of; each source has its provider's name. */
const LOCAL_PROVIDERS = [
  'stripe',
  'zendesk',
  'intercom',
  'email',
  'loans',
  'shop',
  'customers',
  'platform',
  'operator',
] as const;

/** Makes the sources of a new home, one for each provider that the platform acts on, and one person with the role admin. */
export function ensureSources(home: string, files: SourceFiles = sourceFilesOf(home)): void {
  mkdirSync(dirname(files.sourcesFile), { recursive: true });
  mkdirSync(files.secretsDir, { recursive: true, mode: 0o700 });
  const known = listSources(files);
  for (const provider of LOCAL_PROVIDERS) {
    if (!known[provider]) addSource(files, provider, { provider, scheme: PROVIDERS[provider].scheme });
  }
  const keyFile = operatorKeyFile(home, LOCAL_OPERATOR);
  if (listOperators(files)[LOCAL_OPERATOR] && existsSync(keyFile)) return;
  mkdirSync(join(home, 'secrets', 'operators'), { recursive: true, mode: 0o700 });
  const { privateKey } = addOperator(files, LOCAL_OPERATOR, 'admin');
  writeFileSync(keyFile, privateKey, { mode: 0o600 });
}

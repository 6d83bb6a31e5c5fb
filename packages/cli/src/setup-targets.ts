import { readFileSync } from 'node:fs';
import type { SourceFiles } from '@towpath/sources/files';
import { secret } from '@towpath/stack/secrets';
import { addressesOf } from './addresses.js';
import { sourceFilesOf } from './local/local-sources.js';
import { checkpointSeedOf, passwordOf } from './local/service-environment.js';
import type { SetupTargets } from './setup.js';

/** What to set up: each address from the environment (also as *_FILE), else the local platform of `home`. */
export function setupTargets(home: string, environment = process.env): Omit<SetupTargets, 'appsFolder'> {
  const addresses = addressesOf(home);
  return {
    brokers: environment['KAFKA_BROKERS']?.split(',') ?? addresses.brokers,
    registryUrl: environment['REGISTRY_URL'] ?? addresses.registryUrl,
    adminDatabaseUrl: fromEnvironment('ADMIN_DATABASE_URL', environment) ?? localAdminUrl(home),
    passwordOf: (role) => passwordOf(home, role),
    checkpointSeed: checkpointSeedOf(home),
  };
}

/** Where sources are kept: as the services are told by SOURCES_FILE and SECRETS_DIR, else in `home`. */
export function sourceFiles(home: string, environment = process.env): SourceFiles {
  const own = sourceFilesOf(home);
  return {
    sourcesFile: environment['SOURCES_FILE'] ?? own.sourcesFile,
    secretsDir: environment['SECRETS_DIR'] ?? own.secretsDir,
    ...(environment['TOKENS_FILE'] && { tokensFile: environment['TOKENS_FILE'] }),
  };
}

function fromEnvironment(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment[`${name}_FILE`];
  return file ? readFileSync(file, 'utf8').trim() : environment[name];
}

function localAdminUrl(home: string): string {
  const url = new URL(addressesOf(home).stack.ADMIN_DATABASE_URL);
  url.username = 'towpath_admin';
  url.password = secret(home, 'postgres-admin');
  return url.href;
}

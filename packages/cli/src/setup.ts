import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { all } from '@towpath/contracts/catalogue';
import { services } from '@towpath/contracts/topics';
import { checkpointKey } from '@towpath/event-store/checkpoint';
import { readMigrations } from '@towpath/event-store/migrate';
import { setupDatabase } from '@towpath/event-store/setup';
import type { RegisteredSchema } from '@towpath/event-store/setup-types';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { Registry } from '@towpath/kafka/registry';
import { quietLogger } from './quiet-logger.js';

export interface SetupTargets {
  readonly brokers: string[];
  readonly registryUrl: string;
  /** a role that may create roles and databases */
  readonly adminDatabaseUrl: string;
  /** password of a Postgres role */
  passwordOf(role: string): string;
  /** secret of the key that signs checkpoints, 64 hexadecimal characters */
  readonly checkpointSeed: string;
  /** the folder that holds each service's folder with its `migrations` */
  readonly appsFolder: string;
  /** replication slot of the relay; unique in the Postgres cluster */
  readonly slot?: string;
}

/** What set-up changed; empty lists when everything was there. */
export interface SetupReport {
  readonly topicsCreated: readonly string[];
  readonly topicsChanged: readonly string[];
  readonly contractsRegistered: number;
  readonly migrationsApplied: readonly string[];
  readonly slotCreated: boolean;
}

/** Roles of the tools, besides each service's own. */
export const TOOL_ROLES = ['cdc_service', 'towpath_reader', 'towpath_revealer', 'towpath_archivist'] as const;

/**
 * Creates what the services need and nothing else does: topics, registered contracts, roles, schemas, publication, slot.
 * Idempotent; safe to run while services work.
 */
export async function setup(targets: SetupTargets): Promise<SetupReport> {
  const stores = services().filter(({ store }) => store);
  const names = stores.map(({ name }) => name);
  const [topics, registered] = await Promise.all([createTopics(targets), registerContracts(targets, names)]);
  const roles = [...names.map((name) => `${name.replaceAll('-', '_')}_service`), ...TOOL_ROLES];
  const database = await setupDatabase({
    adminUrl: targets.adminDatabaseUrl,
    services: names,
    contracts: all(),
    passwords: Object.fromEntries(roles.map((role) => [role, targets.passwordOf(role)])),
    migrationsOf: (service) => migrationsIn(join(targets.appsFolder, service, 'migrations')),
    schemas: registered,
    checkpointKey: checkpointKey(targets.checkpointSeed).publicKey,
    ...(targets.slot === undefined ? {} : { slot: targets.slot }),
  });
  return {
    topicsCreated: topics.created,
    topicsChanged: topics.changed,
    contractsRegistered: registered.length,
    migrationsApplied: database.applied,
    slotCreated: database.slotCreated,
  };
}

async function createTopics({ brokers }: SetupTargets): Promise<{ created: string[]; changed: string[] }> {
  const admin = await KafkaAdmin.connect({ brokers, clientId: 'towpath-setup', logger: quietLogger });
  try {
    return await admin.createTopics();
  } finally {
    await admin.close();
  }
}

async function registerContracts(
  { registryUrl }: SetupTargets,
  stores: readonly string[],
): Promise<RegisteredSchema[]> {
  const registry = new Registry({ url: registryUrl, clientId: 'towpath-setup' });
  const contracts = all().filter(({ kind }) => kind !== 'internal');
  const topicTemplates = new Map(contracts.map(({ type, topic }) => [type, topic]));
  return (await registry.register(contracts, stores)).map(({ type, subjects, schemaId }) => ({
    type,
    subject: subjects[0]!,
    schemaId,
    topicTemplate: topicTemplates.get(type)!,
  }));
}

function migrationsIn(folder: string) {
  return existsSync(folder) ? readMigrations(folder) : [];
}

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import { Registry } from '@towpath/kafka/registry';
import { loadConfig } from '../config.js';
import { foldsOf, type Folds } from '../folds.js';
import { createLogger } from '../logger.js';
import { openPlatform } from '../platform.js';
import { Inbound } from '../pipeline/inbound.js';
import type { BoundHandler } from '../pipeline/item.js';
import type { ConsumerTable } from '../reactions/consumer-tables.js';
import { serviceDefinition, type ServiceDefinition } from '../service.js';
import { settingsOf } from '../service-config.js';
import { pastStore, type PastRuns, type PastStore } from './past-store.js';
import { pastVault, type PastVault } from './past-vault.js';

/** A service that is created and never started: it can decide, and changes nothing. */
export interface PastService {
  readonly definition: ServiceDefinition;
  readonly service: string;
  readonly store: PastStore;
  readonly vault: PastVault;
  readonly folds: Folds;
  /** of every consumer group, by message type */
  readonly handlers: ReadonlyMap<string, readonly BoundHandler[]>;
  readonly inbound: Inbound;
  schemaIdOf(type: string): number;
  close(): Promise<void>;
}

/** Creates the service with its settings and its role. Throws CONFIG_INVALID, NOT_SET_UP or REPLAY_IMPOSSIBLE for one without a store. */
export async function openPastService(module: Type, runs: PastRuns = 'recorded'): Promise<PastService> {
  const definition = serviceDefinition(module);
  const config = loadConfig(settingsOf(definition), process.env);
  const { logger } = createLogger(definition.name, 'silent');
  let past: { readonly store: PastStore; readonly vault: PastVault } | undefined;
  const platform = await openPlatform({
    ...{ definition, config, logger },
    onFatal: () => undefined,
    seen: (live) => (past = { store: pastStore(live.store, runs), vault: pastVault(live.vault) }),
  });
  if (!past) {
    const message = `REPLAY_IMPOSSIBLE: ${definition.name} has no store: it decides nothing that could be made again`;
    throw Object.assign(new Error(message), { code: 'REPLAY_IMPOSSIBLE' });
  }
  const { store, vault } = past;
  // Never initialised: no hook of the service starts anything.
  const app = await NestFactory.create<NestFastifyApplication>(platform.moduleFor(module), new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  const tables = platform.tablesFrom((handler) => app.get(handler, { strict: false }));
  const handlers = handlersOfAll(tables);
  // A timer is of one group.
  const timers = new Map([...handlers].map(([type, [first]]) => [type, first!]));
  const folds = foldsOf(definition);
  const ids = await store.schemaIds();
  const schemaIds = new Map([...ids].map(([type, { schemaId }]) => [type, schemaId]));
  const registry = new Registry({ url: String(config['REGISTRY_URL']), clientId: definition.name });
  const inbound = new Inbound({
    ...{ service: definition.name, handlers: timers, schemaIds, vault, upcasters: folds.upcasters },
    writerSchema: async (id) => (await registry.schemaOf(id)).schema,
  });
  const service = { definition, service: definition.name, store, vault, folds, handlers, inbound };
  return { ...service, schemaIdOf: (type) => schemaIds.get(type) ?? 0, close: () => platform.close() };
}

function handlersOfAll(tables: readonly ConsumerTable[]): Map<string, readonly BoundHandler[]> {
  const all = new Map<string, readonly BoundHandler[]>();
  for (const { handlers } of tables)
    for (const [type, handler] of handlers) all.set(type, [...(all.get(type) ?? []), handler]);
  return all;
}

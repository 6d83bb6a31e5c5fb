import { Inject, type DynamicModule, type Type } from '@nestjs/common';
import { services } from '@towpath/contracts/topics';
import { schemaOf } from '@towpath/event-store/names';
import { openStore } from '@towpath/event-store/pool';
import type { EventStore } from '@towpath/event-store/types';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { verifySetup } from '@towpath/event-store/verify-setup';
import { builtInHandlers } from './built-in-handlers.js';
import { Consuming } from './consuming.js';
import { Decisions } from './decisions.js';
import { handlerTable } from './handler-table.js';
import { handlerEntries } from './handles.js';
import { LOGGER, type Logger } from './logger.js';
import { Metrics } from './metrics.js';
import type { BoundHandler } from './pipeline/item.js';
import { Readiness } from './readiness.js';
import { SERVICE_NAME, type ServiceDefinition } from './service.js';

/** Injection token of the service's settings: `@InjectConfig() private readonly config: FraudConfig`. */
export const CONFIG = Symbol('CONFIG');
/** Injection token of the service's event store. */
export const EVENT_STORE = Symbol('EVENT_STORE');
/** Injection token of the key vault. */
export const VAULT = Symbol('VAULT');

export const InjectConfig = () => Inject(CONFIG);
export const InjectLogger = () => Inject(LOGGER);
export const InjectStore = () => Inject(EVENT_STORE);
export const InjectVault = () => Inject(VAULT);

/** What the kit gives a service, and what it runs beside the service's own module. */
export interface Platform {
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** the service's module with the kit's providers beside it */
  moduleFor(module: Type): DynamicModule;
  start(instanceOf: (handler: Type) => unknown): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

interface PlatformOptions {
  readonly definition: ServiceDefinition;
  readonly config: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
  onFatal(error: Error): void;
}

interface Opened {
  readonly store: EventStore;
  readonly vault: Vault;
}

/** Root module that holds the kit's providers; the service's own module is imported into it. */
class PlatformModule {}

export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { definition, config, logger } = options;
  const readiness = new Readiness();
  const metrics = new Metrics(definition.name);
  const usesStore = services().find(({ name }) => name === definition.name)?.store ?? false;
  const own = definition.handlers ?? [];
  const handlerClasses = usesStore ? [...own, ...builtInHandlers] : own;
  const opened = usesStore ? await openStores(options, handlerClasses) : undefined;
  const handlers = new Map<string, BoundHandler>();
  const consuming =
    opened &&
    new Consuming({
      ...opened,
      service: definition.name,
      handlers,
      projections: definition.projections ?? [],
      brokers: String(config['KAFKA_BROKERS']).split(','),
      registryUrl: String(config['REGISTRY_URL']),
      metrics,
      logger,
      readiness,
      onFatal: options.onFatal,
    });
  const providers = [
    ...(usesStore ? builtInHandlers : []),
    { provide: SERVICE_NAME, useValue: definition.name },
    { provide: CONFIG, useValue: config },
    { provide: LOGGER, useValue: logger },
    { provide: Metrics, useValue: metrics },
    { provide: Readiness, useValue: readiness },
    { provide: EVENT_STORE, useValue: opened?.store },
    { provide: VAULT, useValue: opened?.vault },
    { provide: Decisions, useValue: consuming && new Decisions(consuming.queue) },
  ];
  return {
    readiness,
    metrics,
    moduleFor: (module) => ({ module: PlatformModule, global: true, imports: [module], providers, exports: providers }),
    start: async (instanceOf) => {
      for (const [type, bound] of handlerTable(definition.name, handlerClasses, instanceOf)) handlers.set(type, bound);
      await consuming?.start();
    },
    stop: async () => consuming?.stop(),
    close: async () => {
      await opened?.store.close();
      await opened?.vault.close();
    },
  };
}

async function openStores(
  { definition, config, logger }: PlatformOptions,
  handlerClasses: readonly Type[],
): Promise<Opened> {
  const url = config['DATABASE_URL'] as string;
  const schema = schemaOf(definition.name);
  const emits = handlerClasses.flatMap(handlerEntries).flatMap((entry) => entry.emits.map(({ type }) => type));
  await waitFor(() => verifySetup({ url, schema, emits: [...new Set(emits)] }), logger);
  const store = openStore({ url, schema, poolSize: Number(config['DATABASE_POOL_MAX']) });
  const vault = await openVault({ url: typeof config['VAULT_URL'] === 'string' ? config['VAULT_URL'] : url });
  return { store, vault };
}

const SETUP_WAIT_MS_MAX = 60_000;
const SETUP_LOOK_MS = 1_000;

/** Postgres may be coming back and set-up may be running: what is missing is said, waited for, and at last thrown. */
async function waitFor(verify: () => Promise<void>, logger: Logger): Promise<void> {
  const deadline = performance.now() + SETUP_WAIT_MS_MAX;
  for (;;) {
    try {
      return await verify();
    } catch (error) {
      const { code } = error as { code?: string };
      const mayPass = code === 'STORE_UNAVAILABLE' || code === 'NOT_SET_UP';
      if (!mayPass || performance.now() > deadline) throw error;
      logger.warn({ err: error }, 'setup.awaited');
      await new Promise((resolve) => setTimeout(resolve, SETUP_LOOK_MS));
    }
  }
}

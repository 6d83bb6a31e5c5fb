import { Inject, type DynamicModule, type Type } from '@nestjs/common';
import { serviceOf } from '@towpath/contracts/topics';
import { schemaOf } from '@towpath/event-store/names';
import { openStore } from '@towpath/event-store/pool';
import type { EventStore } from '@towpath/event-store/types';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { verifySetup } from '@towpath/event-store/verify-setup';
import { ActAuthority } from './agents/act-authority.js';
import { AgentSwitches } from './agents/agent-switches.js';
import { readAgentSwitches } from './agents/agent-switches.projection.js';
import { builtInHandlers } from './built-in-handlers.js';
import { codeVersion } from './code-version.js';
import { Consuming } from './consuming.js';
import { Decisions } from './decisions.js';
import { LetterOwner } from './dead-letters/letter-owner.js';
import { OwnData } from './erasure/own-data.js';
import { checkUpcasters, foldsOf, type Folds } from './folds.js';
import { handlerEntries } from './handles.js';
import { LOGGER, type Logger } from './logger.js';
import { Metrics } from './metrics.js';
import { ProjectionAudit } from './projection-audit.js';
import {
  consumerTables,
  letterOwner,
  type ConsumerTable,
  type DeclaredConsumers,
} from './reactions/consumer-tables.js';
import { runningConsumers } from './reactions/running-consumers.js';
import { Readiness } from './readiness.js';
import { fourEyesLimits } from './reviews/four-eyes.js';
import { ReviewDesk } from './reviews/review-desk.js';
import { SERVICE_NAME, type ServiceDefinition } from './service.js';
import { startTracing, Tracing } from './tracing/tracing.js';
import type { TracingConfig } from './tracing/tracing-config.js';

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
  /** the handlers of each of its consumer groups, without starting anything */
  tablesFrom(instanceOf: (handler: Type) => unknown): readonly ConsumerTable[];
  start(instanceOf: (handler: Type) => unknown): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

interface PlatformOptions {
  readonly definition: ServiceDefinition;
  /** the kit's settings and the service's own */
  readonly config: Readonly<Record<string, unknown>>;
  readonly logger: Logger;
  onFatal(error: Error): void;
  /** what the service is given for its store and its vault; default: these */
  seen?(opened: Seen): Seen;
}

interface Seen {
  readonly store: EventStore;
  readonly vault: Vault;
}

interface Opened extends Seen {
  readonly switches: AgentSwitches;
  readonly acts: ActAuthority;
}

/** Root module that holds the kit's providers; the service's own module is imported into it. */
class PlatformModule {}

export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { definition, config, logger } = options;
  const readiness = new Readiness();
  const metrics = new Metrics(definition.name);
  measureReadiness(readiness, metrics);
  const tracing = await startTracing(definition.name, config as TracingConfig, logger);
  const { store: usesStore, consumers } = serviceOf(definition.name);
  const folds = foldsOf(definition);
  const declared = declaredBy(definition);
  const opened = usesStore ? await openStores(options, folds) : undefined;
  const consuming =
    opened &&
    new Consuming({
      ...opened,
      service: definition.name,
      consumers,
      runs: runningConsumers(config['CONSUMERS'] as string | undefined, consumers),
      folds,
      brokers: String(config['KAFKA_BROKERS']).split(','),
      registryUrl: String(config['REGISTRY_URL']),
      metrics,
      logger,
      tracing,
      readiness,
      onFatal: options.onFatal,
    });
  const audit = opened && auditOf(options, folds, metrics);
  const providers = [
    ...(usesStore ? builtInHandlers : []),
    ...providersOf(options, opened),
    { provide: LetterOwner, useValue: letterOwner(consumers[0]!, declared) },
    { provide: Metrics, useValue: metrics },
    { provide: Readiness, useValue: readiness },
    { provide: Tracing, useValue: tracing },
    { provide: Decisions, useValue: consuming && new Decisions(consuming.queue) },
  ];
  const tablesFrom = (instanceOf: (handler: Type) => unknown) => consumerTables(declared, instanceOf, folds.upcasters);
  return {
    readiness,
    metrics,
    moduleFor: (module) => ({ module: PlatformModule, global: true, imports: [module], providers, exports: providers }),
    tablesFrom,
    start: async (instanceOf) => {
      const tables = tablesFrom(instanceOf);
      await consuming?.start(tables);
      audit?.start();
    },
    stop: async () => void (await Promise.all([consuming?.stop(), audit?.stop()])),
    close: async () => {
      await closeStores(opened);
      await tracing.close();
    },
  };
}

function declaredBy({ name, handlers = [], reactions = [] }: ServiceDefinition): DeclaredConsumers {
  const { store, consumers } = serviceOf(name);
  return { name, consumers, reactions, handlers: [...handlers, ...(store ? builtInHandlers : [])] };
}

/** What a service is given that runs nothing. */
function providersOf(
  { definition, config, logger, seen = (both) => both }: PlatformOptions,
  opened: Opened | undefined,
) {
  const given = opened && seen(opened);
  return [
    { provide: SERVICE_NAME, useValue: definition.name },
    { provide: CONFIG, useValue: config },
    { provide: LOGGER, useValue: logger },
    { provide: EVENT_STORE, useValue: given?.store },
    { provide: VAULT, useValue: given?.vault },
    { provide: AgentSwitches, useValue: opened?.switches },
    { provide: ActAuthority, useValue: opened?.acts },
    { provide: OwnData, useValue: given && new OwnData(given.store, given.vault, definition.projections ?? []) },
    {
      provide: ReviewDesk,
      useValue: new ReviewDesk(definition.name, fourEyesLimits(config['FOUR_EYES_ABOVE'] as string | undefined)),
    },
  ];
}

function measureReadiness(readiness: Readiness, metrics: Metrics): void {
  metrics.gauges(['towpath_ready'], async (observe) =>
    observe('towpath_ready', (await readiness.state()).ready ? 1 : 0),
  );
}

function switchesOf(store: EventStore, logger: Logger): AgentSwitches {
  return new AgentSwitches({
    read: () => readAgentSwitches(store),
    onError: (err) => logger.warn({ err }, 'agents.switches-unread'),
  });
}

function auditOf({ definition, config, logger }: PlatformOptions, folds: Folds, metrics: Metrics) {
  return new ProjectionAudit({
    url: config['DATABASE_URL'] as string,
    schema: schemaOf(definition.name),
    projections: folds.projections,
    upcasters: folds.upcasters,
    everyMs: Number(config['PROJECTION_AUDIT_HOURS']) * 3_600_000,
    metrics,
    logger,
  });
}

async function openStores({ definition, config, logger }: PlatformOptions, folds: Folds): Promise<Opened> {
  checkUpcasters(definition.name, folds);
  const { upcasters } = folds;
  const url = config['DATABASE_URL'] as string;
  const schema = schemaOf(definition.name);
  const { handlers, reactions } = declaredBy(definition);
  const classes = [...handlers, ...reactions.flatMap((one) => one.handlers)];
  const emits = classes.flatMap(handlerEntries).flatMap((entry) => entry.emits.map(({ type }) => type));
  await waitFor(() => verifySetup({ url, schema, emits: [...new Set(emits)] }), logger);
  const store = openStore({
    url,
    schema,
    poolSize: Number(config['DATABASE_POOL_MAX']),
    upcasters,
    foldVersion: codeVersion(),
  });
  const vault = await openVault({ url: typeof config['VAULT_URL'] === 'string' ? config['VAULT_URL'] : url });
  return { store, vault, switches: switchesOf(store, logger), acts: new ActAuthority() };
}

async function closeStores(opened: Opened | undefined): Promise<void> {
  opened?.switches.stop();
  await opened?.store.close();
  await opened?.vault.close();
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

import { join, resolve } from 'node:path';
import { ensureAgentKeys } from '@towpath/stack/agent-keys';
import { startStack, type Stack } from '@towpath/stack/stack';
import type { Ports } from '@towpath/stack/ports';
import { setup, type SetupReport } from '../setup.js';
import { ensureSources } from './local-sources.js';
import {
  checkpointSeedOf,
  localServices,
  passwordOf,
  type LocalService,
  type Surroundings,
} from './service-environment.js';
import { ServiceProcess } from './service-process.js';

/** The repository's root: the folder that holds `apps` and `node_modules`. */
export const repository = resolve(import.meta.dirname, '../../../..');

export interface PlatformOptions {
  /** folder of everything this platform keeps; default `.towpath` in the repository */
  readonly home?: string;
  readonly ports?: Ports;
  readonly portOffset?: number;
  /** which services to start; default all */
  readonly services?: readonly LocalService['name'][];
  /** ports of proxies that the services use instead of the broker and the database themselves */
  readonly through?: { readonly kafka?: number; readonly postgres?: number };
  /** settings added to every service's environment */
  readonly environment?: NodeJS.ProcessEnv;
  onProgress?(line: string): void;
}

/** A running platform on this machine. */
export interface LocalPlatform {
  readonly home: string;
  readonly stack: Stack;
  readonly around: Surroundings;
  readonly setupReport: SetupReport;
  readonly services: ReadonlyMap<LocalService['name'], ServiceProcess>;
  service(name: LocalService['name']): ServiceProcess;
  /** Ends the services, then the stack; only what this home's pidfiles name. */
  stop(): Promise<void>;
}

/** Starts the stack, sets it up, starts the services and waits until each is ready. What runs already is kept. */
export async function startPlatform(options: PlatformOptions = {}): Promise<LocalPlatform> {
  const home = resolve(options.home ?? join(repository, '.towpath'));
  const report = options.onProgress ?? (() => undefined);
  const stack = await startStack({
    home,
    onProgress: report,
    ...(options.ports && { ports: options.ports }),
    ...(options.portOffset !== undefined && { portOffset: options.portOffset }),
    ...(options.through?.kafka !== undefined && { kafkaAdvertisedPort: options.through.kafka }),
  });
  const around: Surroundings = {
    home,
    ports: stack.ports,
    stack: addressesOf(stack, options.through),
    ...(options.environment && { extra: options.environment }),
  };
  const services = new Map(
    localServices
      .filter(({ name }) => options.services?.includes(name) ?? true)
      .map((service) => [service.name, new ServiceProcess(service, around, repository)]),
  );
  const stop = async (): Promise<void> => {
    await Promise.all([...services.values()].map((service) => service.stop()));
    await stack.stop();
  };
  try {
    ensureSources(home);
    ensureAgentKeys(
      home,
      localServices.filter(({ hasAgents }) => hasAgents).map(({ name }) => name),
    );
    const setupReport = await setup({
      brokers: stack.env.KAFKA_BROKERS.split(','),
      registryUrl: stack.env.REGISTRY_URL,
      adminDatabaseUrl: stack.env.ADMIN_DATABASE_URL,
      passwordOf: (role) => passwordOf(home, role),
      checkpointSeed: checkpointSeedOf(home),
      appsFolder: join(repository, 'apps'),
    });
    report(
      `set up: ${setupReport.topicsCreated.length} topics created, ${setupReport.contractsRegistered} contracts registered`,
    );
    await startServices([...services.values()], report);
    return { home, stack, around, setupReport, services, stop, service: (name) => serviceOf(services, name) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the services are told: the stack's own addresses, or those of the proxies in front. */
function addressesOf({ env }: Stack, through: PlatformOptions['through']): Surroundings['stack'] {
  const database = new URL(env.ADMIN_DATABASE_URL);
  if (through?.postgres !== undefined) database.port = String(through.postgres);
  return {
    ...env,
    ADMIN_DATABASE_URL: database.href,
    ...(through?.kafka !== undefined && { KAFKA_BROKERS: `127.0.0.1:${through.kafka}` }),
  };
}

async function startServices(services: readonly ServiceProcess[], report: (line: string) => void): Promise<void> {
  await Promise.all(
    services.map(async (service) => {
      const startedAt = performance.now();
      await service.start();
      report(
        `${service.service.name} ready at ${service.url} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
      );
    }),
  );
}

function serviceOf(
  services: ReadonlyMap<LocalService['name'], ServiceProcess>,
  name: LocalService['name'],
): ServiceProcess {
  const service = services.get(name);
  if (!service) throw new Error(`SERVICE_NOT_STARTED: ${name} is not among the started services`);
  return service;
}

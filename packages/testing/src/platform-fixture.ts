import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPlatform, type LocalPlatform } from '@towpath/cli/local/platform';
import { databaseUrl, SANDBOX_ONLY } from '@towpath/cli/local/service-environment';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { withLock } from '@towpath/stack/lock';
import type { Ports } from '@towpath/stack/ports';
import { unusedPorts } from './shared-ports.js';

/** The platform that the end-to-end specs of one run share, for as long as one spec has it for itself. */
export interface TestPlatform extends LocalPlatform {
  /** reads all stores */
  readonly inspector: Inspector;
  /** Gives the platform to the next spec; it goes on running. */
  release(): Promise<void>;
}

const LOCK_WAIT_MS = 900_000;

/** Starting the platform, or waiting for another spec file to be done with it, may take as long as this. */
export const ATTACH_MS_MAX = LOCK_WAIT_MS + 120_000;

/** The shared platform, started when it does not run. One spec file has it at a time, whatever the number of workers. */
export async function attachPlatform(): Promise<TestPlatform> {
  const home = sharedHome();
  const unlock = await lockPlatform();
  try {
    const platform = await startPlatform({ home, ports: await portsOf(home), environment: SANDBOX_ONLY });
    const inspector = openInspector({ url: databaseUrl(platform.around, 'towpath_reader') });
    const release = async (): Promise<void> => {
      await inspector.close();
      unlock();
    };
    return { ...platform, inspector, release };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Keeps the other end-to-end specs waiting until the answer is called: for one that starts a platform of its own. */
export async function lockPlatform(): Promise<() => void> {
  const home = sharedHome();
  const { promise: released, resolve: unlock } = Promise.withResolvers<void>();
  const { promise: locked, resolve: haveLock } = Promise.withResolvers<void>();
  const holding = withLock(join(home, 'spec.lock'), LOCK_WAIT_MS, () => {
    haveLock();
    return released;
  });
  await Promise.race([locked, holding]);
  return unlock;
}

/** A folder for a platform of a spec's own; the run's teardown ends what is left there. */
export function nestedHome(name: string): string {
  return join(sharedHome(), `nested-${name}`);
}

function sharedHome(): string {
  const home = process.env['TOWPATH_E2E_HOME'];
  if (!home)
    throw new Error('TOWPATH_E2E_HOME is not set: run end-to-end specs as the project `e2e` of jest.config.mjs.');
  mkdirSync(home, { recursive: true });
  return home;
}

async function portsOf(home: string): Promise<Ports> {
  const file = join(home, 'ports.json');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await unusedPorts()));
  return JSON.parse(readFileSync(file, 'utf8')) as Ports;
}

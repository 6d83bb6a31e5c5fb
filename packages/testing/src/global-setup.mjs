import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..', '..');
const homes = join(repository, '.towpath-test');

/**
 * Starts one stack for all integration specs of this run, on free ports in a home of its own, so that runs side by side don't
 * meet. Its addresses reach the specs as KAFKA_BROKERS, REGISTRY_URL, ADMIN_DATABASE_URL and TOWPATH_HOME.
 * With TOWPATH_TEST_STACK=external the addresses in the environment are used and nothing is started.
 */
export default async function globalSetup() {
  if (process.env['TOWPATH_TEST_STACK'] === 'external') return;
  const { startStack, stopStack } = await built('stack');
  const { freePorts } = await built('ports');
  await removeLeftovers(stopStack);
  const home = join(homes, `run-${process.pid}`);
  mkdirSync(home, { recursive: true });
  globalThis.towpathStopStack = async () => {
    await removeHome(home, stopStack);
  };
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.once(name, () => void globalThis.towpathStopStack().finally(() => process.exit(1)));
  }
  const stack = await startStack({ home, ports: await freePorts() });
  Object.assign(process.env, stack.env, { TOWPATH_HOME: home });
}

/** Runs that were killed before their teardown: their stacks are ended by their own pidfiles. */
async function removeLeftovers(stopStack) {
  for (const name of existsSync(homes) ? readdirSync(homes) : []) {
    const pid = Number(/^run-(\d+)$/.exec(name)?.[1]);
    if (!pid || isRunning(pid)) continue;
    await removeHome(join(homes, name), stopStack);
  }
}

/** Ends the stack of a home, and those that specs started in homes inside it, named `nested-…`. */
async function removeHome(home, stopStack) {
  const nested = existsSync(home) ? readdirSync(home).filter((name) => name.startsWith('nested-')) : [];
  await Promise.all(
    [home, ...nested.map((name) => join(home, name))].map((one) => stopStack(one, { removeData: true })),
  );
  rmSync(home, { recursive: true, force: true });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function built(module) {
  const path = join(repository, 'infra', 'stack', 'dist', `${module}.js`);
  if (!existsSync(path)) throw new Error(`${path} is missing: run 'npm run build' first, or 'npm test', which builds.`);
  return import(path);
}

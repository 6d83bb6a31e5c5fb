import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '..', '..', '..');
const homes = join(repository, '.towpath-test');

/**
 * Names the home of the one platform that all end-to-end specs of this run share; the first spec that needs it starts it.
 * A home that the caller names by TOWPATH_E2E_HOME is used as it is, and what runs there is left running.
 */
export default async function e2eSetup() {
  if (process.env['TOWPATH_E2E_HOME']) return;
  await removeLeftovers();
  const home = join(homes, `e2e-${process.pid}`);
  process.env['TOWPATH_E2E_HOME'] = home;
  globalThis.towpathStopPlatform = () => removeHome(home);
  for (const name of ['SIGINT', 'SIGTERM']) {
    process.once(name, () => void removeHome(home).finally(() => process.exit(1)));
  }
}

/** Runs that were killed before their teardown: their platforms are ended by their own pidfiles. */
async function removeLeftovers() {
  for (const name of existsSync(homes) ? readdirSync(homes) : []) {
    const pid = Number(/^e2e-(\d+)$/.exec(name)?.[1]);
    if (pid && !isRunning(pid)) await removeHome(join(homes, name));
  }
}

/** Ends the platforms of a home and of those inside it that specs made for themselves, named `nested-…`. */
async function removeHome(home) {
  if (!existsSync(home)) return;
  const { stopHome } = await built('packages/cli', 'running/stop-home');
  const { stopStack } = await built('infra/stack', 'stack');
  const nested = readdirSync(home).filter((name) => name.startsWith('nested-'));
  for (const one of [...nested.map((name) => join(home, name)), home]) {
    await stopHome(one);
    await stopStack(one, { removeData: true });
  }
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

async function built(folder, module) {
  const path = join(repository, folder, 'dist', `${module}.js`);
  if (!existsSync(path)) throw new Error(`${path} is missing: run 'npm run build' first, or 'npm test', which builds.`);
  return import(path);
}

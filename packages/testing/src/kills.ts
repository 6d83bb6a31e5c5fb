import type { LocalPlatform } from '@towpath/cli/local/platform';
import type { ServiceProcess } from '@towpath/cli/local/service-process';
import { until } from '@towpath/stack/until';

const DEATH_MS_MAX = 5_000;
const READY_MS_MAX = 60_000;

/** Ends a service in the middle of whatever it does and starts it again. Answers the milliseconds until it was ready. */
export async function killAndRestart(service: ServiceProcess): Promise<number> {
  if (!service.signal('SIGKILL')) throw new Error(`KILL_FAILED: ${service.service.name} was not running`);
  if (!(await until(() => !service.alive, DEATH_MS_MAX, 10))) throw new Error('KILL_FAILED: it survived SIGKILL');
  const startedAt = performance.now();
  await service.launch();
  await service.ready(READY_MS_MAX);
  return Math.round(performance.now() - startedAt);
}

/** Ends the broker in the middle of whatever it does and starts it again on its data. */
export async function killAndRestartBroker({ stack }: Pick<LocalPlatform, 'stack'>): Promise<number> {
  if (!stack.kill('kafka', 'SIGKILL')) throw new Error('KILL_FAILED: the broker was not running');
  const startedAt = performance.now();
  await stack.restart('kafka');
  return Math.round(performance.now() - startedAt);
}

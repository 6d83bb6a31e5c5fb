import { setTimeout as delay } from 'node:timers/promises';
import type { LocalPlatform } from '@towpath/cli/local/platform';
import type { ServiceProcess } from '@towpath/cli/local/service-process';
import { until } from '@towpath/stack/until';

const DEATH_MS_MAX = 5_000;
const READY_MS_MAX = 60_000;
/** Long enough for work to pile up in front of a broker that is away. */
const WAITING_MS = 2_500;

/** Ends a service in the middle of whatever it does. */
export async function kill(service: ServiceProcess): Promise<void> {
  if (!service.signal('SIGKILL')) throw new Error(`KILL_FAILED: ${service.service.name} was not running`);
  if (!(await until(() => !service.alive, DEATH_MS_MAX, 10))) throw new Error('KILL_FAILED: it survived SIGKILL');
}

/** Ends a service and starts it again at once. Answers the milliseconds until it was ready. */
export async function killAndRestart(service: ServiceProcess): Promise<number> {
  await kill(service);
  const startedAt = performance.now();
  await service.launch();
  await service.ready(READY_MS_MAX);
  return Math.round(performance.now() - startedAt);
}

/**
 * Ends the broker in the middle of whatever it does, a moment later the services that are waiting for it, and starts all again
 * on their data. Answers the milliseconds until all were ready.
 */
export async function killAndRestartBroker(
  { stack }: Pick<LocalPlatform, 'stack'>,
  waiting: readonly ServiceProcess[],
): Promise<number> {
  if (!stack.kill('kafka', 'SIGKILL')) throw new Error('KILL_FAILED: the broker was not running');
  await delay(WAITING_MS);
  await Promise.all(waiting.map(kill));
  const startedAt = performance.now();
  await Promise.all([stack.restart('kafka'), ...waiting.map((service) => service.launch())]);
  await Promise.all(waiting.map((service) => service.ready(READY_MS_MAX)));
  return Math.round(performance.now() - startedAt);
}

import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from '@towpath/stack/processes';
import type { LocalPlatform } from '../local/platform.js';
import { RestartBudget } from './restart-budget.js';

// One small read of /proc per process; elsewhere `ps` has to be run for each.
const LOOK_EVERY_MS = process.platform === 'linux' ? 1_000 : 5_000;

/** Something that is to be kept running. */
export interface Supervised {
  readonly name: string;
  isAlive(): boolean;
  restart(): Promise<void>;
}

export interface SupervisionReport {
  readonly name: string;
  readonly step: 'died' | 'restarted' | 'restart failed' | 'given up';
  readonly detail: string;
}

/** Restarts what dies, each by itself, until `signal` is aborted; resolves when no restart is under way any more. */
export async function supervise(
  all: readonly Supervised[],
  signal: AbortSignal,
  report: (line: SupervisionReport) => void,
): Promise<void> {
  await Promise.all(all.map((one) => keepRunning(one, signal, report)));
}

/** The services and the parts of the stack of a platform. Containers are restarted by Docker. */
export function supervisedOf(platform: LocalPlatform): Supervised[] {
  const services = [...platform.services].map(([name, service]) => ({
    name,
    isAlive: () => service.alive,
    restart: () => service.start(),
  }));
  const parts = (Object.keys(platform.stack.pids) as (keyof typeof platform.stack.pids)[]).map((name) => ({
    name,
    isAlive: () => startTimeOf(platform.stack.pids[name] ?? 0) !== undefined,
    restart: () => platform.stack.restart(name),
  }));
  return [...parts, ...services];
}

async function keepRunning(
  one: Supervised,
  signal: AbortSignal,
  report: (line: SupervisionReport) => void,
): Promise<void> {
  const { name } = one;
  const budget = new RestartBudget();
  while (await paused(LOOK_EVERY_MS, signal)) {
    if (one.isAlive()) continue;
    const pauseMs = budget.pauseAfterDeath(performance.now());
    if (pauseMs === undefined) {
      report({ name, step: 'given up', detail: 'died 5 times within a minute; see its log, then start again' });
      return;
    }
    report({ name, step: 'died', detail: `restarting in ${pauseMs} ms` });
    if (!(await paused(pauseMs, signal))) return;
    await restarted(one, report);
  }
}

async function restarted(one: Supervised, report: (line: SupervisionReport) => void): Promise<void> {
  const startedAt = performance.now();
  try {
    await one.restart();
    report({
      name: one.name,
      step: 'restarted',
      detail: `ready after ${Math.round(performance.now() - startedAt)} ms`,
    });
  } catch (error) {
    report({ name: one.name, step: 'restart failed', detail: error instanceof Error ? error.message : String(error) });
  }
}

/** Answers whether the time passed without an abort. */
async function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

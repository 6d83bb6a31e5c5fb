import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { kafka } from './parts/kafka.js';
import type { Part, PartName, Place } from './parts/part.js';
import { adminUrl, postgres } from './parts/postgres.js';
import { registry } from './parts/registry.js';
import { assertPortsFree, resolvePorts } from './ports.js';
import { end, isAlive, launch, runningFrom, signal, type ProcessIdentity } from './processes.js';
import { startInDocker, stopInDocker } from './docker.js';
import { StackError } from './stack-error.js';
import type { Stack, StackOptions } from './stack-options.js';
import { until } from './until.js';

export type { PartName } from './parts/part.js';
export type { Stack, StackOptions } from './stack-options.js';

const available: Record<PartName, Part> = { postgres, kafka, registry };
const startDeadlineMs = 90_000;
const stopGraceMs = 10_000;
/** What was killed is gone within a second or so. */
const attemptsMax = 20;
const againMs = 200;
const logTailBytes = 2_000;

/**
 * Fetches what is missing, starts the parts and waits until each answers a real request. Parts of this home that run already
 * are kept. When one fails, those started by this call are ended again.
 * @throws StackError PORT_TAKEN, FETCH_FAILED, START_FAILED, FOLDER_CLOSED
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const place = placeOf(options);
  const names = options.parts ?? (['postgres', 'kafka', 'registry'] as const);
  const report = options.onProgress ?? (() => undefined);
  mkdirSync(place.home, { recursive: true });
  if ((options.backend ?? process.env['TOWPATH_STACK']) === 'docker') return startInDocker(place, names, report);
  const parts = names.map((name) => available[name]);
  const idle = parts.filter((part) => !runningFrom(pidFileOf(place, part.name)));
  await assertPortsFree(
    place.ports,
    idle.flatMap((part) => part.listens),
  );
  const processes: Partial<Record<PartName, ProcessIdentity>> = {};
  try {
    await startAll(place, parts, processes, report);
  } catch (error) {
    await stopParts(place, idle);
    throw error;
  }
  return stackOf(place, parts, processes);
}

/**
 * Ends the parts of a home by their pidfiles, whoever started them; strangers that reuse a pid are left alone. With
 * `removeData` the topics, schemas and databases of this home go too.
 */
export async function stopStack(home: string, { removeData = false } = {}): Promise<void> {
  const place = { home: resolve(home) };
  await stopInDocker(place.home, removeData);
  await stopParts(place, Object.values(available));
  if (!removeData) return;
  for (const folder of ['postgres', 'kafka']) rmSync(join(place.home, folder), { recursive: true, force: true });
}

async function startAll(
  place: Place,
  parts: readonly Part[],
  processes: Partial<Record<PartName, ProcessIdentity>>,
  report: (line: string) => void,
): Promise<void> {
  const begun = new Map<PartName, Promise<void>>();
  const start = async (part: Part): Promise<void> => {
    await part.fetch(place);
    // Only the registry waits for another part; by then its own download is done.
    if (part.name === 'registry') await begun.get('kafka');
    processes[part.name] = await startPart(place, part, report);
  };
  for (const part of [...parts].sort((one, other) => order(one) - order(other))) begun.set(part.name, start(part));
  const results = await Promise.allSettled(begun.values());
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

function order(part: Part): number {
  return part.name === 'registry' ? 1 : 0;
}

async function startPart(
  place: Place,
  part: Part,
  report: (line: string) => void,
  attempts = attemptsMax,
): Promise<ProcessIdentity> {
  const begin = performance.now();
  const pidFile = pidFileOf(place, part.name);
  const logFile = join(place.home, 'logs', `${part.name}.log`);
  const running = runningFrom(pidFile);
  const started = running ?? (await launch({ ...(await part.prepare(place)), logFile, pidFile }));
  const ready = await until(async () => !isAlive(started) || (await part.isReady(place)), startDeadlineMs);
  if (!isAlive(started) && attempts > 1 && part.followsTooSoon?.(tailOf(logFile))) {
    await delay(againMs);
    return startPart(place, part, report, attempts - 1);
  }
  if (!ready || !isAlive(started)) {
    const cause = isAlive(started) ? `doesn't answer after ${startDeadlineMs / 1000} s` : 'ended while starting';
    throw new StackError('START_FAILED', `${part.name} ${cause}; its log is ${logFile}.`);
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  report(running ? `${part.name} runs already` : `${part.name} ready after ${seconds} s`);
  return started;
}

function tailOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').slice(-logTailBytes);
}

function stackOf(place: Place, parts: readonly Part[], processes: Partial<Record<PartName, ProcessIdentity>>): Stack {
  return {
    env: {
      KAFKA_BROKERS: `127.0.0.1:${place.ports.kafka}`,
      REGISTRY_URL: `http://127.0.0.1:${place.ports.registry}/apis/ccompat/v7`,
      ADMIN_DATABASE_URL: adminUrl(place),
    },
    ports: place.ports,
    get pids() {
      return Object.fromEntries(Object.entries(processes).map(([name, { pid }]) => [name, pid]));
    },
    stop: () => stopParts(place, parts),
    kill(name, signalName) {
      const running = processes[name];
      return running !== undefined && signal(running, signalName);
    },
    async restart(name) {
      await stopParts(place, [available[name]]);
      processes[name] = await startPart(place, available[name], () => undefined);
    },
  };
}

async function stopParts(place: { home: string }, parts: readonly Part[]): Promise<void> {
  const stopOne = (part: Part): Promise<void> => end(pidFileOf(place, part.name), part.stopSignals, stopGraceMs);
  // The registry first: ended after Kafka it would wait for it.
  await Promise.all(parts.filter((part) => part.name !== 'kafka').map(stopOne));
  await Promise.all(parts.filter((part) => part.name === 'kafka').map(stopOne));
}

function placeOf(options: StackOptions): Place {
  const repository = resolve(import.meta.dirname, '..', '..', '..');
  return {
    home: resolve(options.home),
    parts: resolve(options.partsFolder ?? join(repository, '.towpath', 'parts')),
    ports: options.ports ?? resolvePorts(process.env, options.portOffset),
    ...(options.kafkaAdvertisedPort !== undefined && { kafkaAdvertisedPort: options.kafkaAdvertisedPort }),
  };
}

function pidFileOf(place: { home: string }, name: PartName): string {
  return join(place.home, 'run', `${name}.json`);
}

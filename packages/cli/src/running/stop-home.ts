import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { end, runningFrom } from '@towpath/stack/processes';
import { stopStack } from '@towpath/stack/stack';
import { localServices } from '../local/service-environment.js';
import { upRecordFile } from './up-record.js';

const SERVICE_STOP_MS_MAX = 12_000;
const UP_STOP_MS_MAX = 45_000;

/** What a home holds besides the fetched programs; only these are ever deleted, whatever folder is given as home. */
const DATA = ['kafka', 'postgres', 'sandbox', 'logs', 'run', 'tmp', 'ingress-schema-ids.json'];
const SETTINGS = ['config', 'secrets'];

/** Ends the services, then the stack of a home, by their pidfiles; answers the names of the services that ran. */
export async function stopProcesses(home: string): Promise<string[]> {
  const files = localServices.map(({ name }) => ({ name, file: join(home, 'run', `${name}.pid`) }));
  const running = files.filter(({ file }) => runningFrom(file)).map(({ name }) => name);
  await Promise.all(files.map(({ file }) => end(file, ['SIGTERM'], SERVICE_STOP_MS_MAX)));
  const parts = ['postgres', 'kafka', 'registry'].filter((part) => runningFrom(join(home, 'run', `${part}.json`)));
  await stopStack(home);
  return [...running, ...parts];
}

/**
 * Ends everything of a home: first its `towpath up`, which would restart what ends, then what is left.
 * Answers the names of what ran.
 */
export async function stopHome(home: string): Promise<string[]> {
  if (!existsSync(join(home, 'run'))) return [];
  const up = runningFrom(upRecordFile(home));
  const ownUp = up?.pid === process.pid;
  if (up && !ownUp) await end(upRecordFile(home), ['SIGTERM'], UP_STOP_MS_MAX);
  const stopped = await stopProcesses(home);
  return up && !ownUp ? ['up', ...stopped] : stopped;
}

/** Deletes the data of a home that is stopped; `settings` too: sources, people and all secrets. */
export async function deleteData(
  home: string,
  { settings = false, keepLogs = false, keepRun = false } = {},
): Promise<void> {
  await stopStack(home, { removeData: true });
  const kept = [...(keepLogs ? ['logs'] : []), ...(keepRun ? ['run'] : [])];
  const names = [...DATA, ...(settings ? SETTINGS : [])].filter((name) => !kept.includes(name));
  for (const name of names) rmSync(join(home, name), { recursive: true, force: true });
}

/** The home of `up --once`, which is made and deleted with each run. */
export function onceHome(home: string): string {
  return join(home, 'once');
}

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '@towpath/stack/lock';
import { resolvePorts, type Ports } from '@towpath/stack/ports';
import { isAlive, startTimeOf } from '@towpath/stack/processes';
import { CliError } from '../cli-error.js';

/** The `towpath up` of a home, as the other verbs find it. Also the pidfile of that process. */
export interface UpRecord {
  readonly pid: number;
  readonly startedAt: string;
  readonly ports: Ports;
  readonly stack: 'local' | 'docker';
}

/** Path of the record; its form is that of a pidfile. */
export function upRecordFile(home: string): string {
  return join(home, 'run', 'up.json');
}

/** The `towpath up` that runs this home now; undefined when none does. */
export function runningUp(home: string): UpRecord | undefined {
  const file = upRecordFile(home);
  if (!existsSync(file)) return undefined;
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as UpRecord;
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined; // written half before a crash
  }
}

/** Claims the home for this process. Throws ALREADY_RUNNING when another one has it. */
export async function claimHome(home: string, about: Pick<UpRecord, 'ports' | 'stack'>): Promise<void> {
  mkdirSync(join(home, 'run'), { recursive: true });
  await withLock(join(home, 'run', 'up.lock'), 5_000, async () => {
    const other = runningUp(home);
    if (other) {
      throw new CliError(
        'ALREADY_RUNNING',
        `process ${other.pid} runs the platform of ${home}; end it with \`towpath down\`, or give another --home.`,
      );
    }
    const record: UpRecord = { pid: process.pid, startedAt: startTimeOf(process.pid) ?? '', ...about };
    writeFileSync(upRecordFile(home), JSON.stringify(record));
  });
}

export function releaseHome(home: string): void {
  rmSync(upRecordFile(home), { force: true });
}

/** The ports of a home: those its `towpath up` chose, else those of the environment. */
export function portsOf(home: string): Ports {
  return runningUp(home)?.ports ?? resolvePorts(process.env);
}

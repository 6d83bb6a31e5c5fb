import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolvePorts } from '@towpath/stack/ports';
import { kibibytesOf, withDescendants } from './process-memory.js';
import { readinessLines, readinessOf } from './readiness.js';
import { RestartBudget } from './restart-budget.js';
import { deleteData, stopHome } from './stop-home.js';
import { supervise, type SupervisionReport } from './supervise.js';
import { claimHome, portsOf, releaseHome, runningUp, upRecordFile } from './up-record.js';

const homes: string[] = [];
const newHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'towpath-cli-'));
  homes.push(home);
  return home;
};
afterAll(() => homes.forEach((home) => rmSync(home, { recursive: true, force: true })));

describe('restarts', () => {
  it('wait longer each time and end with the fifth death within a minute', () => {
    const budget = new RestartBudget();
    expect([0, 1, 2, 3, 4].map((second) => budget.pauseAfterDeath(second * 1000))).toEqual([
      250,
      500,
      1000,
      2000,
      undefined,
    ]);
  });

  it('forget deaths of more than a minute ago', () => {
    const budget = new RestartBudget();
    for (let minute = 0; minute < 20; minute += 1) expect(budget.pauseAfterDeath(minute * 61_000)).toBe(250);
  });

  it('are made and reported for what dies, and stop with the platform', async () => {
    const stop = new AbortController();
    const reports: SupervisionReport[] = [];
    let alive = false;
    const service = {
      name: 'fraud',
      isAlive: () => alive,
      restart: async () => {
        alive = true;
        setImmediate(() => stop.abort());
      },
    };
    await supervise([service], stop.signal, (line) => reports.push(line));
    expect(reports.map(({ step }) => step)).toEqual(['died', 'restarted']);
  });
});

describe('memory', () => {
  it('counts descendants once', () => {
    const table = [
      { pid: 3, parent: 2 },
      { pid: 2, parent: 1 },
      { pid: 9, parent: 8 },
    ];
    expect([...withDescendants([1, 2], table)].sort()).toEqual([1, 2, 3]);
  });

  it('is read from the proportional set size', () => {
    expect(kibibytesOf('Pss', 'Rss:  9 kB\nPss:               1234 kB\nPss_Dirty: 7 kB\n')).toBe(1234);
    expect(kibibytesOf('Pss', '')).toBe(0);
  });
});

describe('readiness', () => {
  it('holds time, memory and disk against their limits', () => {
    const ready = readinessOf({
      readyAfterMs: 1_500,
      urls: { kafka: 'k' },
      memoryBytes: 1024 ** 3,
      diskBytes: undefined,
    });
    expect(readinessLines(ready).at(-1)).toBe(
      'ready after 1.5 s, memory 1,024 MiB of 2,048 MiB, disk unknown of 1,024 MiB',
    );
  });
});

describe('a home', () => {
  const about = { ports: resolvePorts({}, 77), stack: 'local' } as const;

  it('is claimed by one process at a time, whose ports the other verbs use', async () => {
    const home = newHome();
    await claimHome(home, about);
    expect(runningUp(home)?.pid).toBe(process.pid);
    expect(portsOf(home)).toEqual(about.ports);
    await expect(claimHome(home, about)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
    releaseHome(home);
    expect(runningUp(home)).toBeUndefined();
  });

  it('is free again when the process that claimed it died', async () => {
    const home = newHome();
    mkdirSync(join(home, 'run'));
    writeFileSync(upRecordFile(home), JSON.stringify({ ...about, pid: process.pid, startedAt: 'another time' }));
    await claimHome(home, about);
    expect(runningUp(home)?.pid).toBe(process.pid);
  });

  it('loses only what the platform made, whatever else is in the folder', async () => {
    const home = newHome();
    for (const name of ['kafka', 'logs', 'config', 'secrets', 'parts', 'mine']) mkdirSync(join(home, name));
    await deleteData(home);
    expect(readdirSync(home).sort()).toEqual(['config', 'mine', 'parts', 'secrets']);
    await deleteData(home, { settings: true });
    expect(readdirSync(home).sort()).toEqual(['mine', 'parts']);
  });

  it('that never ran is stopped without a trace', async () => {
    const home = join(newHome(), 'none');
    expect(await stopHome(home)).toEqual([]);
    expect(existsSync(home)).toBe(false);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { end, isAlive, launch, runningFrom, startTimeOf, type Launch } from './processes.js';

describe('a recorded process', () => {
  let folder: string;
  let options: Launch;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'towpath-processes-'));
    const files = { logFile: join(folder, 'log'), pidFile: join(folder, 'pid.json') };
    options = {
      command: process.execPath,
      arguments: ['-e', 'setInterval(() => {}, 1000)'],
      environment: {},
      cwd: folder,
      ...files,
    };
  });

  afterEach(async () => {
    await end(options.pidFile, [], 2000);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is found again by its pidfile and ended', async () => {
    const identity = await launch(options);
    expect(runningFrom(options.pidFile)).toEqual(identity);
    await end(options.pidFile, ['SIGTERM'], 2000);
    expect(isAlive(identity)).toBe(false);
    expect(runningFrom(options.pidFile)).toBeUndefined();
  });

  it('is killed when it ignores the polite signal', async () => {
    const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)";
    const identity = await launch({ ...options, arguments: ['-e', stubborn] });
    await end(options.pidFile, ['SIGTERM'], 200);
    expect(isAlive(identity)).toBe(false);
  });

  it('is not confused with a stranger that got its pid later', async () => {
    writeFileSync(options.pidFile, JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
    expect(runningFrom(options.pidFile)).toBeUndefined();
    await end(options.pidFile, ['SIGTERM'], 100);
    expect(startTimeOf(process.pid)).toBeDefined();
  });

  it('counts as absent when the pidfile was written half', () => {
    writeFileSync(options.pidFile, '{"pid":1');
    expect(runningFrom(options.pidFile)).toBeUndefined();
  });

  it('that cannot be started says which command failed', async () => {
    const attempt = launch({ ...options, command: join(folder, 'absent') });
    await expect(attempt).rejects.toMatchObject({ code: 'START_FAILED' });
  });
});

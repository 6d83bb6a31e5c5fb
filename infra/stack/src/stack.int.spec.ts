import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, type Ports } from './ports.js';
import { startTimeOf } from './processes.js';
import { startStack, stopStack } from './stack.js';

// Inside the home of this run, so that a run that is killed leaves nothing that the next one does not end.
const nestedHome = (): string => mkdtempSync(join(process.env['TOWPATH_HOME'] ?? tmpdir(), 'nested-'));
const twoMinutes = 120_000;

// A host that has Docker alone can't run these.
const describeLocal = process.env['TOWPATH_STACK'] === 'docker' ? describe.skip : describe;

describeLocal('the local stack', () => {
  let home: string;
  let ports: Ports;

  beforeEach(async () => {
    home = nestedHome();
    ports = await freePorts();
  });

  afterEach(async () => {
    await stopStack(home);
    rmSync(home, { recursive: true, force: true });
  }, twoMinutes);

  it(
    'leaves no process and no pidfile behind after stop',
    async () => {
      const stack = await startStack({ home, ports });
      const pids = Object.values(stack.pids);
      expect(pids).toHaveLength(3);
      const whileRunning = pids.map((pid) => startTimeOf(pid));
      await stack.stop();
      expect(whileRunning).not.toContain(undefined);
      expect(pids.map((pid) => startTimeOf(pid))).toEqual([undefined, undefined, undefined]);
      expect(readdirSync(join(home, 'run'))).toEqual([]);
    },
    twoMinutes,
  );

  it(
    'brings a killed part back on its data, and keeps parts that run already',
    async () => {
      const stack = await startStack({ home, ports, parts: ['postgres'] });
      const before = stack.pids.postgres;
      expect(stack.kill('postgres', 'SIGKILL')).toBe(true);
      await stack.restart('postgres');
      const again = await startStack({ home, ports, parts: ['postgres'] });
      expect(stack.pids.postgres).not.toBe(before);
      expect(again.pids.postgres).toBe(stack.pids.postgres);
    },
    twoMinutes,
  );

  it(
    'keeps passwords readable by their owner alone',
    async () => {
      await startStack({ home, ports, parts: ['postgres'] });
      expect(statSync(join(home, 'secrets', 'postgres-admin')).mode & 0o777).toBe(0o600);
    },
    twoMinutes,
  );

  it(
    'names the process that holds a port it needs, and starts nothing',
    async () => {
      await startStack({ home, ports, parts: ['postgres'] });
      const other = nestedHome();
      try {
        const attempt = startStack({ home: other, ports, parts: ['postgres'] });
        await expect(attempt).rejects.toMatchObject({ code: 'PORT_TAKEN' });
        await expect(attempt).rejects.toThrow(/held by process \d+ \(.*postgres/);
        expect(readdirSync(other)).toEqual([]);
      } finally {
        rmSync(other, { recursive: true, force: true });
      }
    },
    twoMinutes,
  );
});

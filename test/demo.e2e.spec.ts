import { rmSync } from 'node:fs';
import { jest } from '@jest/globals';
import type { Ports } from '@towpath/stack/ports';
import { processesOf, runCli } from '@towpath/testing/cli-run';
import { ATTACH_MS_MAX, lockPlatform, nestedHome } from '@towpath/testing/platform-fixture';
import { areFree, unusedPorts } from '@towpath/testing/shared-ports';
import { untilEnough } from '@towpath/testing/until';

const RUN_MS_MAX = 180_000;

jest.setTimeout(RUN_MS_MAX + 60_000);

describe('towpath up --once', () => {
  let unlock: () => void;
  let home: string;
  let ports: Ports;

  beforeAll(async () => {
    unlock = await lockPlatform();
  }, ATTACH_MS_MAX);

  afterAll(() => unlock?.());

  beforeEach(async () => {
    home = nestedHome('demo');
    rmSync(home, { recursive: true, force: true });
    ports = await unusedPorts();
  });

  async function expectNothingLeft(): Promise<void> {
    const left = await untilEnough(
      () => processesOf(home),
      ({ length }) => length === 0,
      5_000,
    );
    expect(left).toEqual([]);
    expect(await areFree(ports)).toBe(true);
  }

  it('shows thirty deliveries, twelve tickets and six stories of sagas with their decisions and effects, is content, and leaves nothing behind', async () => {
    const { code, stdout, stderr, ms } = await runCli(['up', '--once'], { home, ports, msMax: RUN_MS_MAX });

    const lines = stdout.trim().split('\n');
    console.log(`${lines.at(-1)}\nin ${(ms / 1000).toFixed(1)} s`);
    expect(stdout).not.toContain('NOT AS IT MUST BE');
    expect(lines.at(-1)).toMatch(/^DEMO \{/);
    const seen = JSON.parse(lines.at(-1)!.slice('DEMO '.length)) as Record<string, number>;
    expect(seen).toMatchObject({ accepted: 26, duplicates: 1, rejected: 3, frozen: 1, deadLetters: 0 });
    const decisions = seen['decisions'] as unknown as Record<'approved' | 'held' | 'blocked', number>;
    expect(seen['loans']).toEqual({ approved: 2, declined: 1, decidedByPerson: 1, analyzed: 3 });
    expect(decisions.approved + decisions.held + decisions.blocked).toBe(26);
    expect(seen['sagas']).toEqual({
      ...{ completed: 3, compensated: 1, needsHuman: 1, alternateWays: 1, recovered: 1, onboarded: 1 },
      doubleEffects: 0,
    });
    const tickets = { received: 12, escalations: 2, decidedByCli: 1, sent: 6, traced: 12 };
    expect(seen['tickets']).toMatchObject(tickets);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(stderr).toMatch(/memory [\d,]+ MiB of 2,048 MiB/);
    await expectNothingLeft();
  });

  it.each([
    ['the stack starts', /postgres ready/],
    ['the services start', /set up:/],
    ['the demo runs', /ready after [\d.]+ s, memory/],
  ])('leaves nothing behind and exits 1 when it is interrupted while %s', async (_when, interruptAt) => {
    const { code, stdout, stderr } = await runCli(['up', '--once'], { home, ports, interruptAt, msMax: RUN_MS_MAX });

    expect(stderr).toMatch(interruptAt);
    expect([code, code === 1 ? '' : stdout + stderr]).toEqual([1, '']);
    await expectNothingLeft();
  });
});

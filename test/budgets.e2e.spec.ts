import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { total, usageOf, type Usage } from '@towpath/testing/process-usage';
import { Sandbox } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';

const IDLE_MS = 60_000;
/** Retries, checkpoints and rejoins of what came before have an end. */
/** Long enough for what is done once a program has nothing to do, such as giving memory back. */
const QUIET_AFTER_MS = 30_000;
const MEMORY_BYTES_MAX = 2 * 1024 ** 3;
/**
 * The aim is a tenth, which five services with five consumer groups kept. Twelve with twenty take 14 to 20 %: each group asks the broker
 * twice a second and tells it that it lives once, because a dead replica's work has to go on within 8 s.
 */
const IDLE_CORE_SHARE_MAX = 0.25;

jest.setTimeout(ATTACH_MS_MAX + 180_000);

describe('the whole platform after it worked, left alone for 60 s', () => {
  let platform: TestPlatform;
  let before: Usage[];
  let after: Usage[];
  let idleMs: number;
  let callsBefore: number;
  let callsAfter: number;

  beforeAll(async () => {
    platform = await attachPlatform();
    const sandbox = new Sandbox(platform);
    await somePayments();
    await delay(QUIET_AFTER_MS);
    callsBefore = await sandbox.calls();
    before = usageOf(platform);
    const startedAt = performance.now();
    await delay(IDLE_MS);
    after = usageOf(platform);
    idleMs = performance.now() - startedAt;
    callsAfter = await sandbox.calls();
    for (const line of tableOf()) process.stdout.write(`${line}\n`);
  }, ATTACH_MS_MAX + 180_000);

  afterAll(() => platform?.release());

  /** Every program has done its work once, so that nothing is measured that has not begun yet. */
  async function somePayments(): Promise<void> {
    const run = `budgets${randomBytes(4).toString('hex')}`;
    const deliveries = new Deliveries(platform);
    for (let n = 0; n < 50; n += 1) {
      await deliveries.sendLikeStripe(chargeSucceeded({ id: `${run}_${n}`, customer: `cus_${run}_${n}` }).body);
    }
    const decided = await untilEnough(
      () => decisionsOf(platform.inspector, `pi_${run}`),
      ({ length }) => length >= 50,
      30_000,
    );
    expect(decided).toHaveLength(50);
  }

  function cpuMsOf(name: string): number {
    const [then, now] = [before, after].map((usages) => usages.find((one) => one.name === name)?.cpuMs ?? 0);
    return (now ?? 0) - (then ?? 0);
  }

  function tableOf(): string[] {
    const lines = after.map(
      ({ name, memoryBytes, pids }) =>
        `  ${name.padEnd(9)} ${mebibytes(memoryBytes).padStart(6)} MiB  ${percent(cpuMsOf(name)).padStart(5)} % of a core  ${pids.length} processes`,
    );
    const memory = total(after.map(({ memoryBytes }) => memoryBytes));
    return [
      ...lines,
      `  ${'all'.padEnd(9)} ${mebibytes(memory).padStart(6)} MiB  ${percent(allCpuMs()).padStart(5)} % of a core`,
    ];
  }

  const percent = (cpuMs: number): string => ((100 * cpuMs) / idleMs).toFixed(2);
  const allCpuMs = (): number => total(after.map(({ name }) => cpuMsOf(name)));

  it('takes at most 2 GB of memory', () => {
    expect(total(after.map(({ memoryBytes }) => memoryBytes))).toBeLessThanOrEqual(MEMORY_BYTES_MAX);
  });

  it('uses at most a quarter of one core', () => {
    expect(after.map(({ name }) => name).sort()).toEqual(before.map(({ name }) => name).sort());
    expect(allCpuMs() / idleMs).toBeLessThanOrEqual(IDLE_CORE_SHARE_MAX);
  });

  it('calls no provider', () => {
    expect(callsAfter).toBe(callsBefore);
  });
});

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { runCli, type CliRun } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { orderPlacedBody, stockReceivedBody } from '@towpath/testing/shop-bodies';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 60_000;
/** Long enough for a person to do something while the carrier is being asked. */
const SLOW_MS = 6_000;
/** An undo is tried so often before a person is asked. */
const UNDO_ATTEMPTS = 3;

jest.setTimeout(240_000);

const run = `saga${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let deliveries: Deliveries;
let sandbox: Sandbox;

interface Shown {
  readonly sagaId: string;
  readonly key: string;
  readonly state: string;
  readonly stuck: boolean;
  readonly steps: readonly {
    readonly step: string;
    readonly state: string;
    readonly act: readonly Entry[];
    readonly undo: readonly Entry[];
  }[];
  readonly marks: readonly { readonly what: string; readonly actor: string | null; readonly why: string | null }[];
}

interface Entry {
  readonly state: string;
  readonly afterMs: number;
  readonly why: string | null;
  readonly actor: string | null;
}

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  sandbox = new Sandbox(platform);
  const stock = stockReceivedBody({ sku: run, receiptId: `in_${run}`, quantity: 100 });
  expect(await deliveries.sendTo('shop', stock, `msg_stock_${run}`)).toBe(202);
}, ATTACH_MS_MAX);

afterEach(() => sandbox?.behave());
afterAll(() => platform?.release());

function towpath(...words: string[]): Promise<CliRun> {
  return runCli(words, { home: platform.home, ports: platform.around.ports, msMax: 60_000 });
}

async function place(orderId: string): Promise<string> {
  expect(await deliveries.sendTo('shop', orderPlacedBody({ orderId, sku: run }), `msg_${orderId}`)).toBe(202);
  return orderId;
}

async function shown(orderId: string): Promise<Shown | undefined> {
  const { code, stdout } = await towpath('sagas', 'show', `order-fulfilment/${orderId}`, '--json');
  return code === 0 ? (JSON.parse(stdout) as Shown) : undefined;
}

/** The saga once it is as wanted. */
async function until(orderId: string, isSo: (saga: Shown) => boolean): Promise<Shown> {
  const [saga] = await untilEnough(
    async () => [await shown(orderId)],
    ([found]) => found !== undefined && isSo(found),
    SEEN_MS_MAX,
    250,
  );
  return saga!;
}

const inState = (state: string) => (saga: Shown) => saga.state === state;
const stepIs = (step: string, state: string) => (saga: Shown) =>
  saga.steps.some((one) => one.step === step && one.state === state);

function states({ steps }: Shown): Record<string, string> {
  return Object.fromEntries(steps.map(({ step, state }) => [step, state]));
}

async function does(verb: string, ...words: string[]): Promise<void> {
  const { code, stderr } = await towpath('sagas', verb, ...words, '--reason', `${verb} in a spec`);
  expect([code, stderr]).toEqual([0, expect.any(String)]);
}

async function refusal(verb: string, ...words: string[]): Promise<string> {
  const { code, stderr } = await towpath('sagas', verb, ...words, '--reason', `${verb} in a spec`);
  expect(code).toBe(1);
  return stderr;
}

/** The carrier refuses, and the gateway refuses the undo of the charge for as often as it is tried. */
async function stuckOrder(orderId: string): Promise<Shown> {
  await sandbox.behave({
    action: 'carrier/ship',
    match: orderId,
    failNext: 9,
    failStatus: 400,
    failMessage: 'no vans',
  });
  await sandbox.behave({ action: 'refund', match: orderId, failNext: UNDO_ATTEMPTS, failStatus: 400 });
  await place(orderId);
  return until(orderId, inState('needs_human'));
}

describe('the order of the seed', () => {
  it('is charged, reserved, not shipped, and then given back in reverse order, as `towpath sagas show` tells', async () => {
    const fails = { failNext: 9, failStatus: 400, failMessage: 'Carrier API timeout' };
    await sandbox.behave({ action: 'carrier/ship', match: 'order_789', ...fails });
    await place('order_789');
    const saga = await until('order_789', inState('compensated'));
    expect(states(saga)).toEqual({
      charge: 'compensated',
      reserve: 'compensated',
      ship: 'failed',
      confirm: 'pending',
    });
    const at = (step: string): number => saga.steps.find((one) => one.step === step)!.undo.at(-1)!.afterMs;
    expect(at('reserve')).toBeLessThanOrEqual(at('charge'));
    const { stdout } = await towpath('sagas', 'show', 'order-fulfilment/order_789');
    const golden = readFileSync(join(import.meta.dirname, 'order-789.golden.txt'), 'utf8');
    expect(timeless(stdout)).toBe(golden);
  });
});

/** Without what differs from run to run: times and ids. */
function timeless(text: string): string {
  return text
    .replace(/begun \S+, took .*/, 'begun AT, took TIME')
    .replaceAll(/ *\+\d+\.\d{3} s/g, '  +TIME')
    .replace(/^[0-9a-f]{24} · towpath trace .*$/m, 'SAGA · towpath trace STORY');
}

describe('a person who steers a saga', () => {
  it('pauses it: the answer that is out is heard, nothing more begins; and resumes it', async () => {
    const orderId = `${run}_pause`;
    await sandbox.behave({ action: 'carrier/ship', match: orderId, latencyMs: SLOW_MS });
    await place(orderId);
    await until(orderId, stepIs('ship', 'running'));
    await does('pause', orderId);
    const paused = await until(orderId, stepIs('ship', 'completed'));
    expect([paused.state, states(paused)['confirm']]).toEqual(['paused', 'pending']);
    const listed = await towpath('sagas', 'list', '--state', 'paused', '--json');
    expect(listed.stdout).toContain(orderId);
    expect(await refusal('pause', orderId)).toContain('SAGA_PAUSED');
    await does('resume', orderId);
    const { marks } = await until(orderId, inState('completed'));
    expect(marks).toEqual([
      expect.objectContaining({ what: 'paused', actor: 'local', why: 'pause in a spec' }),
      expect.objectContaining({ what: 'resumed', actor: 'local', why: 'resume in a spec' }),
      expect.objectContaining({ what: 'completed' }),
    ]);
    expect(await refusal('cancel', orderId)).toContain('SAGA_ENDED');
  });

  it('cancels it: what is under way is heard to its end, and then all is undone, the last first', async () => {
    const orderId = `${run}_cancel`;
    await sandbox.behave({ action: 'carrier/ship', match: orderId, latencyMs: SLOW_MS });
    await place(orderId);
    await until(orderId, stepIs('ship', 'running'));
    await does('cancel', orderId);
    const saga = await until(orderId, inState('compensated'));
    expect(states(saga)).toMatchObject({ charge: 'compensated', reserve: 'compensated', ship: 'compensated' });
    const undone = ['ship', 'reserve', 'charge'].map(
      (step) => saga.steps.find((one) => one.step === step)!.undo.at(-1)!.afterMs,
    );
    expect(undone).toEqual([...undone].sort((one, other) => one - other));
  });

  it('finds one that needs a person, with what is done, what is not and what each choice will do; and tries its undo again', async () => {
    const orderId = `${run}_retry`;
    const { sagaId, stuck } = await stuckOrder(orderId);
    expect(stuck).toBe(true);
    for (const filter of [['--stuck'], ['--state', 'needs_human']]) {
      expect((await towpath('sagas', 'list', ...filter, '--json')).stdout).toContain(sagaId);
    }
    const review = JSON.parse((await towpath('review', 'show', sagaId, '--json')).stdout) as {
      asked: { evidence: string; action: string };
    };
    expect(review.asked.action).toBe('RetrySagaStep');
    expect(JSON.parse(review.asked.evidence)).toMatchObject({
      ...{ done: ['charge'], undone: ['reserve'], notDone: ['ship', 'confirm'] },
      stuck: { step: 'charge', side: 'undo' },
      choices: { approve: expect.stringContaining('RefundCharge'), reject: expect.stringContaining('settled by hand') },
    });
    expect(await refusal('retry', orderId, 'reserve')).toContain('STEP_NOT_FAILED');
    await does('retry', orderId, 'charge');
    expect(states(await until(orderId, inState('compensated')))['charge']).toBe('compensated');
    expect((await towpath('review', 'list', '--service', 'saga-orchestrator')).stdout).not.toContain(sagaId);
  });

  it('skips an undo that was settled by hand; the step says so for ever', async () => {
    const orderId = `${run}_skip`;
    await stuckOrder(orderId);
    await does('skip', orderId, 'charge');
    const saga = await until(orderId, inState('compensated'));
    const charge = saga.steps.find(({ step }) => step === 'charge')!;
    expect(charge.state).toBe('skipped');
    expect(charge.undo.at(-1)).toMatchObject({ state: 'skipped', actor: 'local', why: 'skip in a spec' });
  });

  it('decides its review instead: approved, the undo is tried again', async () => {
    const orderId = `${run}_review`;
    const { sagaId } = await stuckOrder(orderId);
    const decided = await towpath('review', 'decide', sagaId, 'approve', '--reason', 'the gateway is back');
    expect([decided.code, decided.stderr]).toEqual([0, expect.any(String)]);
    expect(states(await until(orderId, inState('compensated')))['charge']).toBe('compensated');
  });

  it('sees its definition as a diagram', async () => {
    const { code, stdout } = await towpath('sagas', 'graph', 'order-fulfilment');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^flowchart TD\n {2}start\(\[OrderPlaced\]\) --> s_charge/);
  });
});

describe('every history that is left', () => {
  it('is decided the same by the code that is here', async () => {
    const orders = ['order_789', ...['pause', 'cancel', 'retry', 'skip', 'review'].map((name) => `${run}_${name}`)];
    for (const orderId of orders) {
      const { code, stdout } = await towpath('sagas', 'replay', orderId, '--json');
      expect([orderId, code, stdout]).toEqual([orderId, 0, expect.stringContaining('"differs":0')]);
    }
  });
});

import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { chargeSucceeded, stripeEvent } from '@towpath/testing/charges';
import { runCli, type CliRun } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 60_000;

jest.setTimeout(120_000);

const run = `back${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let deliveries: Deliveries;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

const cli = (...words: string[]): Promise<CliRun> =>
  runCli(words, { home: platform.home, ports: platform.around.ports, msMax: 30_000 });

async function decided(paymentId: string): Promise<Record<string, unknown>[]> {
  const look = () =>
    platform.inspector.query<{ data: Record<string, unknown> }>(
      "select data from fraud.events where type = 'fraud.v1.ChargebackDecided' and data ->> 'paymentId' = $1",
      [paymentId],
    );
  const rows = await untilEnough(look, ({ length }) => length > 0, SEEN_MS_MAX);
  return rows.map(({ data }) => data);
}

it('shows the run that worked on a dispute, step by step, and stops none that has ended', async () => {
  const charge = chargeSucceeded({ id: run, customer: `cus_${run}`, captured: true });
  const about = { id: `dp_${run}`, object: 'dispute', charge: `ch_${run}`, payment_intent: `pi_${run}` };
  const money = { amount: 1_500, currency: 'eur', reason: 'fraudulent' };
  const dispute = stripeEvent(`evt_${run}_dispute`, 'charge.dispute.created', { ...about, ...money }, '');
  expect(await deliveries.sendStripe(charge.body)).toBe(202);
  expect(await deliveries.sendStripe(dispute.body)).toBe(202);
  const [decision] = await decided(`pi_${run}`);
  expect(decision).toMatchObject({ disputeId: `dp_${run}`, decidedBy: 'analyst', action: 'refund' });

  const runId = String(decision!['runId']);
  const list = await cli('runs', 'list', '--agent', 'chargeback', '--status', 'decided', '--json');
  expect(list.stdout).toContain(runId);
  const shown = await cli('runs', 'show', runId, '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ runId, service: 'fraud', status: 'decided', decidedBy: 'analyst' });
  expect(shown.stdout).toContain('fraud.payment#1');
  expect(shown.stdout).toContain('support.contacts#1');
  const stopped = await cli('runs', 'cancel', runId, '--reason', 'too late');
  expect(stopped.code).not.toBe(0);
  expect(stopped.stderr).toContain('RUN_ENDED');
});

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf, type SeenDecision } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';

const DECIDED_MS_MAX = 30_000;
const PROVIDER_LATENCY_MS = 3_000;
const CONTEXT_WAIT_MS = 800;
/** A loaded machine is late with timers. */
const SLACK_MS = 1_000;
/** Signals that need the address, the device, the provider's verdict or the customer's age. */
const OF_CONTEXT = ['velocity-ip', 'ip-cards', 'device', 'provider-risk', 'customer-age'];

jest.setTimeout(120_000);

describe('a payment whose delivery says nothing of address, device, risk and customer', () => {
  const run = `context${randomBytes(4).toString('hex')}`;
  let platform: TestPlatform;
  let deliveries: Deliveries;
  let sandbox: Sandbox;

  beforeAll(async () => {
    platform = await attachPlatform();
    deliveries = new Deliveries(platform);
    sandbox = new Sandbox(platform);
  }, ATTACH_MS_MAX);

  afterEach(async () => {
    platform?.service('egress').signal('SIGCONT');
    await sandbox?.behave();
  });
  afterAll(() => platform?.release());

  async function pay(name: string): Promise<SeenDecision> {
    const id = `${run}_${name}`;
    const customer = `cus_${id}`;
    const metadata = { ip: `ip-${id}`, device_id: `device-${id}` };
    await sandbox.seed([
      { id: `pi_${id}`, metadata, customerId: customer, customerCreated: 1_600_000_000, riskLevel: 'normal' },
    ]);
    await deliveries.sendLikeStripe(chargeSucceeded({ id, customer, ip: null, device: null, risk: null }).body);
    const [decision] = await untilEnough(
      () => decisionsOf(platform.inspector, `pi_${id}`),
      ({ length }) => length > 0,
      DECIDED_MS_MAX,
      50,
    );
    return decision!;
  }

  async function waitedMs({ paymentId, decidedAt }: SeenDecision): Promise<number> {
    const [opened] = await platform.inspector.query<{ at: Date }>(
      `select occurred_at as at from fraud.events where type = 'fraud.v1.FraudCaseOpened' and data ->> 'paymentId' = $1
       order by position limit 1`,
      [paymentId],
    );
    return decidedAt - opened!.at.getTime();
  }

  const ofContext = ({ signals }: SeenDecision): Record<string, { value: string; points: number }> =>
    Object.fromEntries(
      signals
        .filter(({ name }) => OF_CONTEXT.includes(name))
        .map(({ name, value, points }) => [name, { value, points }]),
    );

  it('is judged by what the provider knows of them', async () => {
    const decision = await pay('asked');

    expect(decision.kind).toBe('approved');
    expect(decision.missing).not.toEqual(expect.arrayContaining([expect.stringMatching(OF_CONTEXT.join('|'))]));
    expect(ofContext(decision)).toMatchObject({
      'velocity-ip': { value: '0', points: 0 },
      'ip-cards': { value: '1', points: 0 },
      device: { value: 'first-device', points: 0 },
      'provider-risk': { value: 'normal', points: 0 },
      'customer-age': { value: expect.stringMatching(/^\d{4}$/) },
    });
    expect(await waitedMs(decision)).toBeLessThan(CONTEXT_WAIT_MS);
  });

  it.each([
    ['answers after 3 s', () => sandbox.behave({ action: 'read', latencyMs: PROVIDER_LATENCY_MS }), 0],
    ['is not even asked', async () => void platform.service('egress').signal('SIGSTOP'), CONTEXT_WAIT_MS],
  ])(
    'is decided without them by 800 ms, once, and says that they are unknown, never 0: the provider %s',
    async (what, hinder, waitedMsMin) => {
      await hinder();

      const decision = await pay(what.replaceAll(' ', '-'));

      const waited = await waitedMs(decision);
      console.log(`decided ${waited} ms after the case was opened when the provider ${what}`);
      expect(waited).toBeGreaterThanOrEqual(waitedMsMin);
      expect(waited).toBeLessThan(CONTEXT_WAIT_MS + SLACK_MS);
      expect(decision.missing).toEqual(expect.arrayContaining(OF_CONTEXT));
      expect(ofContext(decision)).toEqual(
        Object.fromEntries(OF_CONTEXT.map((name) => [name, { value: 'unknown', points: 0 }])),
      );
      platform.service('egress').signal('SIGCONT');
      await delay(PROVIDER_LATENCY_MS);
      expect(await decisionsOf(platform.inspector, decision.paymentId)).toHaveLength(1);
    },
  );
});

import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { sourceFilesOf } from '@towpath/cli/local/local-sources';
import type { InspectedEvent } from '@towpath/event-store/inspect';
import { stepOf } from '@towpath/service-kit/pipeline/story';
import { metadataOf } from '@towpath/service-kit/provider-story';
import { loadSources } from '@towpath/sources/load';
import { secret } from '@towpath/stack/secrets';
import { chargeSucceeded, stripeEvent, type StripeDelivery } from '@towpath/testing/charges';
import { runCli } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { effectsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;

jest.setTimeout(120_000);

const run = `echo${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let deliveries: Deliveries;

/** The provider tells of what was done to it only here: other specs count deliveries. */
beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  const stripe = loadSources(sourceFilesOf(platform.home)).get('stripe')?.credentials[0]?.text ?? '';
  const url = `http://127.0.0.1:${platform.around.ports.ingress}/webhooks/stripe`;
  const sandbox = platform.service('sandbox');
  await sandbox.stop();
  await sandbox.start({ SANDBOX_WEBHOOK_URL: url, SANDBOX_WEBHOOK_SECRET: stripe });
}, ATTACH_MS_MAX);

afterAll(async () => {
  const sandbox = platform?.service('sandbox');
  await sandbox?.stop();
  await sandbox?.start();
  await platform?.release();
});

/** Triage's events about a payment, once there are so many of the type. */
async function triaged(type: string, paymentId: string, count: number): Promise<InspectedEvent[]> {
  const find = async (): Promise<InspectedEvent[]> => {
    const [row] = await platform.inspector.query<{ story: string }>(
      `select metadata ->> 'correlationId' as story from triage.events where type = 'payments.v1.ChargeSucceeded' and data ->> 'paymentId' = $1`,
      [paymentId],
    );
    const events = row ? await platform.inspector.eventsByCorrelation(row.story) : [];
    return events.filter((event) => event.schema === 'triage' && event.type === type);
  };
  return untilEnough(find, ({ length }) => length >= count, SEEN_MS_MAX);
}

async function approved(id: string): Promise<StripeDelivery> {
  const delivery = chargeSucceeded({ id: `${run}_${id}`, customer: `cus_${run}_${id}` });
  await deliveries.sendLikeStripe(delivery.body);
  return delivery;
}

/** What Stripe reports of a capture, with this metadata. */
function succeeded(id: string, paymentId: string, metadata: object): StripeDelivery {
  const object = { id: paymentId, object: 'payment_intent', amount_received: 1_500, currency: 'eur', metadata };
  return stripeEvent(`evt_${run}_${id}`, 'payment_intent.succeeded', object, paymentId);
}

describe('what the provider reports of our own effects', () => {
  it('belongs to the story of the effect and stands below it in its trace', async () => {
    const { paymentId } = await approved('own');
    const captured = await triaged('payments.v1.PaymentCaptured', paymentId, 2);
    // One for the payment intent, one for its charge.
    expect(captured).toHaveLength(2);
    expect(captured[0]?.metadata.path?.map((step) => step.split('@')[0])).toEqual([
      'RouteDelivery',
      'OpenFraudCase',
      'stripe',
      'RouteDelivery',
    ]);
    expect(captured[0]?.metadata.hops).toBe(4);
    const { home, around } = platform;
    const traced = await runCli(['trace', paymentId, '--json'], { home, ports: around.ports, msMax: 30_000 });
    const stories = traced.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { tree: TraceNode[] });
    expect(stories).toHaveLength(1);
    const capture = nodesOf(stories[0]!.tree).find(({ type }) => type === 'payments.v1.CapturePayment');
    expect(nodesOf(capture?.children ?? []).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['egress.v1.EffectConfirmed', 'payments.v1.PaymentCaptured', 'triage.v1.DeliveryRouted']),
    );
    expect(effectsOf(platform.home, paymentId)).toHaveLength(1);
  });

  it('begins a story of its own when somebody merely names one of ours', async () => {
    const { paymentId } = await approved('victim');
    const [real] = await triaged('payments.v1.PaymentCaptured', paymentId, 2);
    const story = real?.metadata.correlationId ?? '';
    const other = `pi_${run}_other`;
    const forged = succeeded('forged', other, { towpath_correlation_id: story, towpath_hops: '63' });
    await deliveries.sendLikeStripe(forged.body);
    const find = () =>
      platform.inspector.query<{ story: string; hops: string }>(
        `select metadata ->> 'correlationId' as story, metadata ->> 'hops' as hops from triage.events where type = 'payments.v1.PaymentCaptured' and data ->> 'paymentId' = $1`,
        [other],
      );
    const [found] = await untilEnough(find, ({ length }) => length > 0, SEEN_MS_MAX);
    expect(found?.story).not.toBe(story);
    expect(found?.hops).toBe('1');
  });

  it('ends as a dead letter LOOP with the path drawn when it goes round and round', async () => {
    const paymentId = `pi_${run}_loop`;
    const round = [stepOf('RouteDelivery', paymentId), stepOf('OpenFraudCase', paymentId), stepOf('stripe', paymentId)];
    const story = {
      correlationId: `story-${run}`,
      causationId: `command-${run}`,
      hops: 15,
      path: Array.from({ length: 5 }, () => round).flat(),
    };
    const metadata = metadataOf(story, 'e1', paymentId, secret(platform.home, 'provider-story'));
    await deliveries.sendLikeStripe(succeeded('loop', paymentId, metadata).body);
    const find = () => platform.inspector.eventsByCorrelation(story.correlationId);
    const events = await untilEnough(find, ({ length }) => length > 0, SEEN_MS_MAX);
    expect(events.map(({ type }) => type)).toEqual(['platform.v1.DeadLettered']);
    expect(events[0]?.data).toMatchObject({ reason: 'LOOP', handler: 'RouteDelivery' });
    const { home, around } = platform;
    const { deadLetterId } = events[0]?.data as { deadLetterId: string };
    const words = ['dlq', 'show', deadLetterId];
    const shown = await runCli(words, { home, ports: around.ports, msMax: 30_000 });
    expect(shown.stdout).toContain('× 5 → RouteDelivery@');
  });
});

interface TraceNode {
  readonly type: string;
  readonly children: readonly TraceNode[];
}

function nodesOf(tree: readonly TraceNode[]): TraceNode[] {
  return tree.flatMap((node) => [node, ...nodesOf(node.children)]);
}

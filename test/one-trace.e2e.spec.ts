import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { startPlatform, type LocalPlatform } from '@towpath/cli/local/platform';
import { SANDBOX_ONLY } from '@towpath/cli/local/service-environment';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { ATTACH_MS_MAX, lockPlatform, nestedHome } from '@towpath/testing/platform-fixture';
import { Sandbox, type SeenCall } from '@towpath/testing/sandbox';
import { unusedPorts } from '@towpath/testing/shared-ports';
import { SpanCollector, type CollectedSpan } from '@towpath/testing/span-collector';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;

/** Every hop from the webhook to the effect, each the parent of the next. */
const HOPS = [
  { service: 'ingress', name: 'POST /webhooks/:source', kind: 2 },
  { service: 'ingress', name: 'send webhooks.received', kind: 4 },
  { service: 'triage', name: 'process webhooks.received', kind: 5 },
  { service: 'cdc', name: 'send payments.events', kind: 4 },
  { service: 'fraud', name: 'process payments.events', kind: 5 },
  { service: 'cdc', name: 'send payments.commands', kind: 4 },
  { service: 'egress', name: 'process payments.commands', kind: 5 },
  { service: 'egress', name: 'POST /v1/payment_intents/{id}/capture', kind: 3 },
];

jest.setTimeout(ATTACH_MS_MAX + 180_000);

describe('one signed webhook of a sender that traces', () => {
  const run = `trace${randomBytes(4).toString('hex')}`;
  const traceId = randomBytes(16).toString('hex');
  const senderSpan = randomBytes(8).toString('hex');
  const charge = chargeSucceeded({ id: run, customer: `cus_${run}` });
  let unlock: () => void;
  let collector: SpanCollector;
  let platform: LocalPlatform;
  let call: SeenCall | undefined;
  let chain: CollectedSpan[];

  beforeAll(async () => {
    unlock = await lockPlatform();
    collector = await SpanCollector.start();
    platform = await startPlatform({
      home: nestedHome('trace'),
      ports: await unusedPorts(),
      environment: { ...SANDBOX_ONLY, ...collector.environment },
    });
    const headers = { traceparent: `00-${traceId}-${senderSpan}-01`, tracestate: 'vendor=a1,other=b2' };
    expect(await new Deliveries(platform).sendStripe(charge.body, headers)).toBe(202);
    const sandbox = new Sandbox(platform);
    const captures = await untilEnough(
      async () => (await sandbox.latestCalls()).filter(({ path }) => path.endsWith(`${charge.paymentId}/capture`)),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    call = captures[0];
    chain = await untilEnough(
      async () => chainTo(spanIdOf(call?.traceparent)),
      ({ length }) => length >= HOPS.length,
      SEEN_MS_MAX,
    );
  });

  afterAll(async () => {
    await platform?.stop();
    await collector?.stop();
    unlock?.();
  });

  const ofTrace = (): CollectedSpan[] => collector.spans.filter((span) => span.traceId === traceId);

  /** The spans from the first of ours to the one that the provider was told, by their parents. */
  function chainTo(spanId: string | undefined): CollectedSpan[] {
    const last = ofTrace().find((span) => span.spanId === spanId);
    return last ? [...chainTo(last.parentSpanId), last] : [];
  }

  it('is one trace from the request to the call at the provider, each hop the child of the one before', () => {
    expect(chain.map(({ service, name, kind }) => ({ service, name, kind }))).toEqual(HOPS);
    expect(chain[0]?.parentSpanId).toBe(senderSpan);
  });

  it('tells the provider the trace, with the tracestate of its sender', () => {
    expect(call?.traceparent).toBe(`00-${traceId}-${chain.at(-1)?.spanId}-01`);
    expect(call?.tracestate).toMatch(/^towpath=s:\w+,vendor=a1,other=b2$/);
  });

  it('shows the transaction in which each service decided', () => {
    const commits = ofTrace().filter(({ name }) => name === 'commit_group');
    for (const hop of chain.filter(({ kind }) => kind === 5)) {
      const own = commits.find(({ parentSpanId }) => parentSpanId === hop.spanId);
      expect(own?.attributes).toMatchObject({ 'db.system.name': 'postgresql', 'db.namespace': hop.service });
    }
  });

  it('links the work on each message to the batch that it was fetched with', () => {
    for (const hop of chain.filter(({ kind }) => kind === 5)) {
      const batch = collector.spans.find(({ spanId }) => spanId === hop.links[0]?.spanId);
      expect(batch).toMatchObject({ service: hop.service, name: hop.name.replace('process', 'receive') });
      expect(batch?.attributes['messaging.batch.message_count']).toBeGreaterThanOrEqual(1);
    }
  });

  it('names messages by the conventions for messaging', () => {
    const sent = chain.find(({ name }) => name === 'send payments.events')?.attributes;
    const processed = chain.find(({ name }) => name === 'process payments.events')?.attributes;
    expect(sent).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'payments.events',
    });
    expect(processed).toMatchObject({
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'fraud',
      'messaging.message.id': sent?.['messaging.message.id'],
      'messaging.message.conversation_id': chain[1]?.attributes['messaging.message.id'],
      'messaging.kafka.offset': expect.any(Number),
    });
  });

  it('has nothing in its spans that names the customer, the card, the device or the payment', () => {
    const secrets = [run, 'ip-of-', 'device-of-', 'card-cus'];
    expect(ofTrace().length).toBeGreaterThan(HOPS.length);
    for (const { raw } of ofTrace()) for (const secret of secrets) expect(raw).not.toContain(secret);
  });
});

function spanIdOf(traceparent: string | null | undefined): string | undefined {
  return traceparent?.split('-')[2];
}

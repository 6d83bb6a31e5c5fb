import { storyIn } from '@towpath/service-kit/provider-story';
import { CANCEL, CAPTURE, HOLD_PAYOUTS, REFUND, RELEASE_PAYOUTS } from '../../actions.js';
import type { OpenEffect } from '../../ledger.projection.js';
import { readPaymentContext } from './payment-context.js';
import { readFailure } from './stripe-result.js';
import { SandboxProcess } from '../../sandbox-process.fixture.js';
import { stripeEffects, stripeReads, type StripeClient } from './stripe-clients.js';
import { StripeProvider } from './stripe-provider.js';
import { stripeSettings } from './stripe.adapter.js';
import type { Surroundings } from '../../adapter.js';

let sandbox: SandboxProcess;
let effects: StripeClient;
let reads: StripeClient;
let provider: StripeProvider;
let count = 0;
const around: Surroundings = { dryRun: false, sandboxUrl: '', storyKey: undefined, onBreaker: () => undefined };
const settings = () =>
  stripeSettings.parse({
    ...{ STRIPE_HOST: sandbox.origin, STRIPE_CALL_MS_MAX: 400, CONTEXT_MS_MAX: 300, EFFECTS_CONCURRENCY: 8 },
    STRIPE_KEY_WINDOW_MS: 1_000_000,
  });

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
});
afterAll(() => sandbox.stop());
beforeEach(() => {
  effects = stripeEffects(settings(), around);
  reads = stripeReads(settings(), around);
  provider = new StripeProvider(effects, settings(), around);
});
afterEach(async () => {
  await Promise.all([effects.outbound.close(), reads.outbound.close()]);
  await sandbox.calm();
});

function effect(action: string, changes: Partial<OpenEffect> = {}): OpenEffect {
  count += 1;
  const effectId = `e${count}`;
  return {
    effectId,
    action,
    provider: 'stripe',
    subjectId: `pi_${count}`,
    accountId: 'cus_1',
    idempotencyKey: `towpath-${effectId}-${process.pid}`,
    payload: JSON.stringify({ amountMinor: 700, currency: 'USD', reason: 'spec' }),
    content: null,
    agent: null,
    reservedAt: 0,
    attempts: 0,
    firedAt: null,
    origin: { id: 'c1', correlationId: 'story-1', hops: 1, path: [], traceparent: null },
    ...changes,
  };
}
const actedOn = ({ idempotencyKey }: OpenEffect) =>
  sandbox.acted().filter((line) => line.idempotencyKey === idempotencyKey);

describe('the Stripe adapter, over real HTTP', () => {
  it.each([
    [CAPTURE, 'capture', 700],
    [CANCEL, 'cancel', 1_000],
    [REFUND, 'refund', 700],
  ])('does %s once per key, however often it is called', async (action, logged, amount) => {
    const one = effect(action);
    const first = await provider.execute(one);
    expect(first).toMatchObject({ kind: 'done' });
    expect(await provider.execute(one)).toEqual(first);
    expect(actedOn(one)).toMatchObject([{ action: logged, subject: one.subjectId, amount }]);
  });

  it('marks captures and refunds with their story, so that their events are recognised as ours', async () => {
    for (const one of [effect(CAPTURE), effect(REFUND)]) {
      await provider.execute(one);
      expect(actedOn(one)[0]?.metadata).toEqual({ towpath_correlation_id: 'story-1', towpath_effect_id: one.effectId });
    }
  });

  it('signs the story that it leaves, one step on, so that nobody else can continue it', async () => {
    const signing = new StripeProvider(effects, settings(), { ...around, storyKey: 'a key of egress and ingress' });
    const one = effect(CAPTURE, {
      origin: { id: 'c1', correlationId: 'story-1', hops: 3, path: ['A@1'], traceparent: null },
    });
    await signing.execute(one);
    const metadata = actedOn(one)[0]?.metadata ?? {};
    expect(storyIn(metadata, [one.subjectId], 'a key of egress and ingress')).toEqual({
      ...{ correlationId: 'story-1', causationId: 'c1', hops: 4, effectId: one.effectId },
      path: ['A@1', expect.stringMatching(/^stripe@[0-9a-f]{8}$/)],
    });
    expect(storyIn(metadata, ['pi_other'], 'a key of egress and ingress')).toBeUndefined();
  });

  it('holds and releases the payouts of a connected account', async () => {
    const hold = effect(HOLD_PAYOUTS, { subjectId: 'acct_1' });
    const release = effect(RELEASE_PAYOUTS, { subjectId: 'acct_1' });
    expect(await provider.probe(hold)).toMatchObject({ kind: 'not-done' });
    expect(await provider.execute(hold)).toEqual({ kind: 'done', reference: 'acct_1' });
    expect(await provider.probe(hold)).toMatchObject({ kind: 'done' });
    expect(await provider.execute(release)).toEqual({ kind: 'done', reference: 'acct_1' });
    expect(await provider.probe(release)).toMatchObject({ kind: 'done' });
  });

  it('acts on payments that are only a charge', async () => {
    for (const action of [CAPTURE, REFUND]) {
      const one = effect(action, { subjectId: `ch_${action}` });
      expect(await provider.execute(one)).toMatchObject({ kind: 'done' });
    }
  });

  it.each([CAPTURE, CANCEL, REFUND])('finds out by a probe whether %s was done after all', async (action) => {
    const one = effect(action);
    await sandbox.put('/sandbox/payments/' + one.subjectId, {
      amount: 700,
      status: action === REFUND ? 'succeeded' : 'requires_capture',
    });
    await sandbox.put('/sandbox/behaviour', { failNext: 1 });
    expect(await provider.execute(one)).toMatchObject({ kind: 'unknown', code: 'PROVIDER_FAILED' });
    expect(await provider.probe(one)).toMatchObject({ kind: 'not-done' });
    await sandbox.put('/sandbox/behaviour', { actThenHang: true });
    expect(await provider.execute(one)).toMatchObject({ kind: 'unknown', code: 'TIMEOUT' });
    await sandbox.calm();
    expect(await provider.probe(one)).toMatchObject({ kind: 'done' });
    expect(actedOn(one)).toHaveLength(1);
  });

  it('calls a state that rules the call out unknown, and its probe impossible', async () => {
    const cancel = effect(CANCEL);
    await provider.execute(cancel);
    const capture = effect(CAPTURE, { subjectId: cancel.subjectId });
    expect(await provider.execute(capture)).toMatchObject({ kind: 'unknown', code: 'payment_intent_unexpected_state' });
    expect(await provider.probe(capture)).toMatchObject({ kind: 'impossible', code: 'ALREADY_CANCELED' });
  });

  it('takes a refusal as final and a busy provider as not acted', async () => {
    const one = effect(CAPTURE);
    await sandbox.put('/sandbox/payments/' + one.subjectId, { amount: 10 });
    expect(await provider.execute(one)).toMatchObject({ kind: 'refused', code: 'amount_too_large' });
    await sandbox.put('/sandbox/behaviour', { failNext: 1, failStatus: 429 });
    expect(await provider.execute(effect(CAPTURE))).toMatchObject({
      kind: 'not-acted',
      code: 'RATE_LIMITED_BY_PROVIDER',
    });
  });

  it('knows that nothing was sent to a provider that is down', async () => {
    await sandbox.kill();
    expect(await provider.execute(effect(CAPTURE))).toMatchObject({ kind: 'not-acted', code: 'CONNECTION_FAILED' });
    expect(await provider.probe(effect(CAPTURE))).toMatchObject({ kind: 'unavailable' });
    await sandbox.run();
  });
});

describe('the context of a payment', () => {
  const hash = (value: string) => `#${value}`;

  it('has everything that the payment, its charge, customer and review tell', async () => {
    await sandbox.put('/sandbox/payments/pi_c1', {
      metadata: { ip: '203.0.113.7', device_id: 'd-1', terminal: 'T9' },
      customerId: 'cus_9',
      customerCreated: 1_700_000_000,
      cardCountry: 'DE',
      riskLevel: 'elevated',
      reviewOpen: true,
      reviewIp: '198.51.100.1',
    });
    expect(await readPaymentContext(reads.stripe, 'pi_c1', hash)).toEqual({
      ip: '203.0.113.7',
      ipHash: '#203.0.113.7',
      deviceHash: '#d-1',
      riskLevel: 'elevated',
      cardCountry: 'DE',
      merchantId: 'T9',
      customerCreatedAt: 1_700_000_000_000,
      providerReviewOpen: true,
    });
  });

  it('takes the address from the review when the metadata has none, and leaves unknown what nobody knows', async () => {
    await sandbox.put('/sandbox/payments/pi_c2', { reviewIp: '198.51.100.1' });
    expect(await readPaymentContext(reads.stripe, 'pi_c2', hash)).toEqual({
      ip: '198.51.100.1',
      ipHash: '#198.51.100.1',
      deviceHash: null,
      riskLevel: null,
      cardCountry: null,
      merchantId: null,
      customerCreatedAt: null,
      providerReviewOpen: false,
    });
  });

  it('is given up in time when Stripe is slow', async () => {
    await sandbox.put('/sandbox/behaviour', { action: 'read', latencyMs: 2_000 });
    const startedAt = Date.now();
    const failure = await readPaymentContext(reads.stripe, 'pi_c3', hash).catch(readFailure);
    expect(failure).toMatchObject({ code: 'TIMEOUT' });
    expect(Date.now() - startedAt).toBeLessThan(800);
  });
});

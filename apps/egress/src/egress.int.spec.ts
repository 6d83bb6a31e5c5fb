import { effectIdOf } from './effect-id.js';
import { randomUUID } from 'node:crypto';
import { CancelShipment } from '@towpath/contracts/shipping/CancelShipment.v1';
import { BookShipment } from '@towpath/contracts/shipping/BookShipment.v1';
import { ProbeEffect } from '@towpath/contracts/platform/ProbeEffect.v1';
import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { FetchCreditReport } from '@towpath/contracts/credit/FetchCreditReport.v1';
import { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { SendWebhook } from '@towpath/contracts/hooks/SendWebhook.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { ResetBreaker } from '@towpath/contracts/platform/ResetBreaker.v1';
import { SettleEffect } from '@towpath/contracts/platform/SettleEffect.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { createProducer } from '@towpath/kafka/producer';
import { EgressWorld } from './egress-world.fixture.js';
import type { LoggedAct } from './sandbox-process.fixture.js';

let world: EgressWorld;

beforeAll(async () => {
  world = await EgressWorld.open(createProducer);
}, 120_000);
afterEach(async () => {
  await world.end('SIGKILL');
  await world.sandbox.calm();
});
afterAll(() => world?.close(), 60_000);

const capture = (paymentId: string, accountId = `cus_${paymentId}`): CapturePayment => ({
  ...{ paymentId, accountId, chargeId: null, amountMinor: 700, currency: 'EUR', reason: 'spec' },
});

describe('egress on the real stack', () => {
  it.each([
    ['before the provider acts', 'hang', 0],
    ['between the act and its outcome', 'actThenHang', 1],
  ])(
    'does a capture once when it is killed %s, and confirms it',
    async (_, behaviour, acts) => {
      const payment = `pi_kill_${behaviour}_${process.pid}`;
      const actsOn = () => world.sandbox.acted().filter(({ subject }) => subject === payment).length;
      await world.sandbox.put('/sandbox/behaviour', { action: 'capture', [behaviour]: true });
      await world.start();
      await world.command(CapturePayment, capture(payment));
      await world.until(
        'the call',
        async () => (await world.typesOf(payment)).includes('EffectFired') && actsOn() === acts,
      );
      await world.end('SIGKILL');
      await world.sandbox.calm();
      await world.start();
      await world.until('the confirmation', async () => (await world.typesOf(payment)).includes('EffectConfirmed'));
      expect(actsOn()).toBe(1);
      expect((await world.typesOf(payment)).filter((type) => type !== 'EffectFired')).toEqual([
        'EffectReserved',
        'EffectConfirmed',
      ]);
    },
    120_000,
  );

  it('does once what is delivered twice, and nothing for a halted account', async () => {
    const [payment, frozen] = [`pi_twice_${process.pid}`, `pi_frozen_${process.pid}`];
    await world.start();
    const id = await world.command(CapturePayment, capture(payment));
    await world.command(CapturePayment, capture(payment), id);
    await world.command(HaltCaptures, { accountId: 'cus_frozen', reason: 'spec' });
    await world.command(CapturePayment, capture(frozen, 'cus_frozen'));
    await world.until('both ends', async () => {
      const ends = [...(await world.typesOf(payment)), ...(await world.typesOf(frozen))];
      return ends.includes('EffectConfirmed') && ends.includes('EffectFailed');
    });
    expect(await world.typesOf(payment)).toEqual(['EffectReserved', 'EffectFired', 'EffectConfirmed']);
    expect(await world.typesOf(frozen)).toEqual(['EffectReserved', 'EffectFailed']);
    const subjects = world.sandbox.acted().map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject === payment || subject === frozen)).toEqual([payment]);
    const metrics = await (await fetch(`http://127.0.0.1:${world.port}/metrics`)).text();
    expect(metrics).toMatch(/towpath_effects_total\{action="CapturePayment",outcome="confirmed".*\} 1\b/);
    expect(metrics).toMatch(/towpath_effects_total\{action="CapturePayment",outcome="failed".*\} 1\b/);
    expect(metrics).toMatch(/towpath_effects_queued(\{.*\})? 0\b/);
  }, 120_000);

  it('answers a question about a payment, with the address encrypted', async () => {
    const payment = `pi_context_${process.pid}`;
    await world.sandbox.put(`/sandbox/payments/${payment}`, {
      metadata: { ip: '203.0.113.5' },
      cardCountry: 'DE',
      riskLevel: 'normal',
    });
    await world.start();
    await world.command(CapturePayment, capture(`pi_ready_${process.pid}`));
    await world.until('readiness', async () =>
      (await world.typesOf(`pi_ready_${process.pid}`)).includes('EffectConfirmed'),
    );
    const known = { knownCardFingerprint: 'card_c', knownIpHash: null, knownMerchantId: 'shop_c' };
    await world.command(FetchPaymentContext, { paymentId: payment, accountId: 'cus_c', ...known, wanted: ['ip'] });
    await world.until('the context', async () => (await world.typesOf(payment)).length > 0);
    const [event] = await world.store.read(`payment-context-${payment}`);
    expect(event).toMatchObject({
      type: 'egress.v1.PaymentContextFetched',
      data: { cardCountry: 'DE', riskLevel: 'normal', ...known },
    });
    expect(JSON.stringify(event?.data)).not.toContain('203.0.113.5');
  }, 120_000);
});

const acts = (provider: string, holds: (act: LoggedAct) => boolean) => world.sandbox.done(provider).filter(holds);
const reply = (ticketId: string): SendTicketReply => ({
  ...{ ticketId, replyId: `r-${ticketId}`, channel: 'zendesk', customerId: `cus_${ticketId}` },
  ...{
    toAddress: null,
    subject: null,
    body: 'Dear Ada Lovelace, it is on its way.',
    inReplyTo: null,
    approvalHash: null,
  },
});
const webhook = (hookId: string): SendWebhook => ({
  ...{ hookId, endpoint: 'acme', type: 'loan.approved', subjectId: 'cus_hooked', payload: '{"loan":7}' },
});

describe('egress and providers that keep no keys', () => {
  it.each([
    ['before the provider acts', 'hang', 0, 'EffectOutcomeUnknown'],
    ['between the act and its outcome', 'actThenHang', 1, 'EffectConfirmed'],
  ])(
    'never answers a ticket twice when it is killed %s: a probe decides',
    async (_, behaviour, done, end_) => {
      const number = `${done}${process.pid}`;
      const ticketId = `zendesk:acme:${number}`;
      const acted = () => acts('zendesk', ({ subject }) => subject === number).length;
      await world.sandbox.put('/sandbox/behaviour', { action: 'zendesk', [behaviour]: true });
      await world.start();
      await world.command(SendTicketReply, reply(ticketId));
      const calls = async () => (await world.typesOf(ticketId)).includes('EffectFired');
      await world.until(
        'the call',
        async () => (await calls()) && (await seen('/zendesk/api/v2/tickets/')) && acted() === done,
      );
      await world.end('SIGKILL');
      await world.sandbox.calm();
      await world.start({ ZENDESK_CALL_MS_MAX: '500' });
      await world.until('the end', async () => (await world.typesOf(ticketId)).includes(end_));
      expect(acted()).toBe(done);
      expect((await world.typesOf(ticketId)).filter((type) => type === 'EffectFired')).toHaveLength(1);
    },
    120_000,
  );

  it('sends no mail twice whose end was lost: a person settles it, and whoever waits hears of it', async () => {
    const mailId = `m-lost-${process.pid}`;
    await world.sandbox.put('/sandbox/behaviour', { action: 'smtp', actThenReset: true });
    await world.start();
    await world.command(SendMail, {
      ...{
        mailId,
        recipientId: 'cus_mail',
        to: 'ada@shop.example',
        subject: 'Hello',
        text: 'Your loan',
        inReplyTo: null,
      },
      approvalHash: null,
    });
    await world.until('the unknown outcome', async () =>
      (await world.typesOf(mailId)).includes('EffectOutcomeUnknown'),
    );
    const sent = () => acts('smtp', ({ subject }) => subject === 'ada@shop.example').length;
    expect(sent()).toBe(1);
    const effectId = await world.effectOf(mailId);
    await world.command(SettleEffect, { effectId, outcome: 'done', actor: 'ada', reason: 'it is in the inbox' });
    await world.until('the settlement', async () => (await world.typesOf(mailId)).includes('EffectConfirmed'));
    expect((await world.typesOf(mailId)).slice(-3)).toEqual(['EffectSettled', 'EffectConfirmed', 'ReviewClosed']);
    expect(sent()).toBe(1);
  }, 120_000);
});

describe('what egress keeps and sends', () => {
  it('holds what it says to people in no readable form, also while it waits', async () => {
    const ticketId = `zendesk:acme:7${process.pid}`;
    await world.sandbox.put('/sandbox/behaviour', { action: 'zendesk', failNext: 1, failStatus: 429 });
    await world.start();
    await world.command(SendTicketReply, reply(ticketId));
    await world.until('the reply', async () => (await world.typesOf(ticketId)).includes('EffectConfirmed'));
    const text = 'select data::text as text from events union all select state::text from projections';
    const rows = await world.store.query<{ text: string }>('spec_everything', text, []);
    expect(rows.filter((row) => row.text.includes('Lovelace'))).toEqual([]);
    expect(acts('zendesk', ({ subject }) => subject === `7${process.pid}`)).toHaveLength(1);
  }, 120_000);

  it('sends nothing in a dry run, keeps what it would have sent, and says so', async () => {
    const noticeId = `n-dry-${process.pid}`;
    await world.start({ EGRESS_DRY_RUN: 'slack' });
    await world.command(PostNotice, { noticeId, channel: 'C1', text: 'deploy done' });
    await world.until('the end', async () => (await world.typesOf(noticeId)).includes('EffectConfirmed'));
    const events = await world.store.read(`effect-${await world.effectOf(noticeId)}`);
    expect(events.at(-1)?.data).toMatchObject({ dryRun: true, providerReference: 'dry-run' });
    expect(events.at(-2)?.data).toMatchObject({ method: 'POST', bodySha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(acts('slack', () => true)).toEqual([]);
  }, 120_000);

  it('sends a webhook again by the schedule, under one id, and disables an endpoint that never took it', async () => {
    const [taken, refused, later, again] = ['taken', 'refused', 'later', 'again'].map((one) => `${one}${process.pid}`);
    await world.sandbox.put('/sandbox/behaviour', { action: 'hooks', failNext: 2, failStatus: 503 });
    await world.start({ HOOK_SCHEDULE: '0s 100ms 100ms' });
    await world.command(SendWebhook, webhook(taken!));
    await world.until('the webhook', async () => (await world.typesOf(`acme/${taken}`)).includes('EffectConfirmed'));
    const received = acts('hooks', ({ effectId }) => effectId !== null);
    expect(received).toHaveLength(1);
    expect((await world.typesOf(`acme/${taken}`)).filter((type) => type === 'EffectDeferred')).toHaveLength(2);

    await world.sandbox.put('/sandbox/behaviour', { action: 'hooks', failNext: 100, failStatus: 500 });
    await world.command(SendWebhook, webhook(refused!));
    await world.until('the end', async () => (await world.typesOf(`acme/${refused}`)).includes('EffectFailed'));
    expect((await world.typesOf(`acme/${refused}`)).filter((type) => type === 'EffectFired')).toHaveLength(3);
    await world.command(SendWebhook, webhook(later!));
    await world.until('the refusal', async () => (await world.typesOf(`acme/${later}`)).includes('EffectFailed'));
    expect(await world.typesOf(`acme/${later}`)).not.toContain('EffectFired');

    await world.sandbox.calm();
    await world.command(ResetBreaker, { breakerId: 'egress/hooks/acme', actor: 'ada', reason: 'mended' });
    await world.until('the reset', async () => (await world.store.read('breaker-egress/hooks/acme')).length === 2);
    await world.command(SendWebhook, webhook(again!));
    await world.until('the next', async () => (await world.typesOf(`acme/${again}`)).includes('EffectConfirmed'));
  }, 120_000);

  it('asks the credit bureau once about an application, and keeps its answer encrypted', async () => {
    const applicationId = `loan-${process.pid}`;
    const question = { applicantRef: `tax-${process.pid}`, fullName: 'Ada Lovelace', dateOfBirth: '1815-12-10' };
    const asked = { applicationId, applicantId: 'app_1', ...question, purpose: 'loan-application' };
    await world.sandbox.put('/sandbox/behaviour', { action: 'bureau', failNext: 1, failStatus: 503 });
    await world.start();
    await world.command(FetchCreditReport, asked);
    const events = () => world.store.read(`credit-report-${applicationId}`);
    await world.until('the report', async () => (await events()).length === 1);
    await world.command(FetchCreditReport, asked);
    await world.until('the second answer', async () => (await events()).length === 2);
    const [first, second] = (await events()).map(({ data }) => data as Record<string, unknown>);
    expect([first?.['cached'], second?.['cached']]).toEqual([false, true]);
    expect(second?.['rawSha256']).toBe(first?.['rawSha256']);
    expect(String(first?.['report'])).toMatch(/^enc1:/);
    expect(acts('bureau', ({ subject }) => subject === question.applicantRef)).toHaveLength(1);
    await world.command(FetchCreditReport, {
      ...asked,
      applicationId: `${applicationId}-x`,
      applicantRef: 'unknown-1',
    });
    const none = () => world.store.read(`credit-report-${applicationId}-x`);
    await world.until('the answer', async () => (await none()).length === 1);
    expect((await none())[0]).toMatchObject({
      type: 'egress.v1.CreditReportUnavailable',
      data: { code: 'APPLICANT_UNKNOWN' },
    });
  }, 120_000);
});

const shipment = (shipmentId: string): BookShipment => ({
  ...{ shipmentId, customerId: 'contact_1', name: 'Ada Byron', street: 'Lock 7', city: 'Gouda', postalCode: '2801' },
  ...{ region: null, country: 'NL', service: null, lines: [{ sku: 'sku_1', quantity: 1 }] },
});
const probe = (commandId: string, subjectId: string) =>
  world.command(ProbeEffect, { commandId, action: BookShipment.type, subjectId, reason: 'the step timed out' });
const carried = (shipmentId: string) =>
  world.sandbox
    .done('carrier')
    .filter(({ subject }) => subject === shipmentId)
    .map(({ action }) => action);

/** The ends of a command's effect: which, by which message, and why. */
async function endsOf(commandId: string): Promise<{ end: string; cause: string; code: string | null }[]> {
  const events = await world.eventsOf(effectIdOf(commandId));
  return events
    .filter(({ type }) => /Effect(Confirmed|Failed|OutcomeUnknown)$/.test(type))
    .map(({ type, data, metadata }) => ({
      end: type.replace('egress.v1.Effect', ''),
      cause: metadata.causationId,
      code: (data as { code?: string }).code ?? null,
    }));
}

describe('a probe by command, on the real stack', () => {
  it('finds out that a carrier did it late, and its undo undoes it: nothing is shipped twice', async () => {
    const name = `late_${process.pid}`;
    await world.sandbox.put('/sandbox/behaviour', { action: 'carrier/ship', match: name, latencyMs: 2_500 });
    await world.start({ CARRIER_CALL_MS_MAX: '800', CARRIER_LATE_MS: '20000' });
    const asked = await world.command(BookShipment, shipment(name));
    await world.until('the unknown outcome', async () => (await endsOf(asked)).length === 1);
    expect((await endsOf(asked))[0]).toMatchObject({ end: 'OutcomeUnknown', cause: asked });
    const id = await probe(asked, name);
    await world.until('the answer', async () => (await endsOf(asked)).length === 2);
    expect((await endsOf(asked))[1]).toEqual({ end: 'Confirmed', cause: id, code: null });
    const undo = await world.command(CancelShipment, { shipmentId: name, customerId: 'contact_1', reason: 'spec' });
    await world.until('the undo', async () => (await endsOf(undo)).length === 1);
    expect((await endsOf(undo))[0]).toMatchObject({ end: 'Confirmed' });
    expect(carried(name)).toEqual(['ship', 'cancel-shipment']);
    expect(await world.typesOf(name)).toContain('ReviewClosed');
  }, 120_000);

  it('says that it was not done only when the provider can not act any more, in its own words', async () => {
    const name = `never_${process.pid}`;
    const fate = { failNext: 1, failStatus: 504, failMessage: 'Carrier API timeout' };
    await world.sandbox.put('/sandbox/behaviour', { action: 'carrier/ship', match: name, ...fate });
    await world.start({ CARRIER_LATE_MS: '1500' });
    const asked = await world.command(BookShipment, shipment(name));
    await world.until('the unknown outcome', async () => (await endsOf(asked)).length === 1);
    const id = await probe(asked, name);
    await world.until('the answer', async () => (await endsOf(asked)).length === 2);
    expect((await endsOf(asked))[1]).toEqual({ end: 'Failed', cause: id, code: 'NOT_DONE' });
    const events = await world.eventsOf(effectIdOf(asked));
    const fired = events.find(({ type }) => type.endsWith('EffectFired'))?.data as { firedAt: number };
    const failed = events.at(-1)?.type.endsWith('EffectFailed') ? events.at(-1) : events.findLast(isFailed);
    const { failedAt, detail } = failed?.data as { failedAt: number; detail: string };
    expect(failedAt - fired.firedAt).toBeGreaterThanOrEqual(1_500);
    expect(detail).toContain('Carrier API timeout');
    expect(carried(name)).toEqual([]);
  }, 120_000);

  it('answers for a command that never came, and keeps it from acting when it comes late', async () => {
    const [name, asked] = [`fenced_${process.pid}`, randomUUID()];
    await world.start();
    const id = await probe(asked, name);
    await world.until('the answer', async () => (await endsOf(asked)).length === 1);
    expect(await endsOf(asked)).toEqual([{ end: 'Failed', cause: id, code: 'NEVER_ASKED' }]);
    await world.command(BookShipment, shipment(name), asked);
    await world.until('the end', async () => (await endsOf(asked)).length === 2);
    expect((await endsOf(asked))[1]).toEqual({ end: 'Failed', cause: asked, code: 'RECALLED' });
    expect(carried(name)).toEqual([]);
  }, 120_000);

  it('is answered though egress is killed while it looks', async () => {
    const name = `killed_${process.pid}`;
    await world.sandbox.put('/sandbox/behaviour', { action: 'carrier/ship', match: name, actThenHang: true });
    await world.sandbox.put('/sandbox/behaviour', { action: 'carrier-read', match: name, failNext: 0 });
    await world.start({ CARRIER_CALL_MS_MAX: '500', CARRIER_GIVE_UP_MS: '1' });
    const asked = await world.command(BookShipment, shipment(name));
    await world.until('the act', () => carried(name).length === 1);
    await world.sandbox.put('/sandbox/behaviour', { action: 'carrier-read', match: name, failNext: 50 });
    await world.until('the unknown outcome', async () => (await endsOf(asked)).length === 1);
    await world.sandbox.put('/sandbox/behaviour', { action: 'carrier-read', match: name, hang: true });
    await probe(asked, name);
    await world.until('the recall', async () => (await world.typesOf(name)).includes('EffectRecalled'));
    await world.end('SIGKILL');
    await world.sandbox.calm();
    await world.start();
    await world.until('the answer', async () => (await endsOf(asked)).length >= 2);
    expect((await endsOf(asked)).at(-1)).toMatchObject({ end: 'Confirmed' });
    expect(carried(name)).toEqual(['ship']);
  }, 120_000);

  it('says again that nobody knows where nobody can', async () => {
    const mailId = `m_probed_${process.pid}`;
    await world.sandbox.put('/sandbox/behaviour', { action: 'smtp', actThenReset: true });
    await world.start();
    const words = { subject: 'Hello', text: 'Your order', inReplyTo: null, approvalHash: null };
    const asked = await world.command(SendMail, { mailId, recipientId: 'c', to: 'ada@shop.example', ...words });
    await world.until('the unknown outcome', async () => (await endsOf(asked)).length === 1);
    const id = await probe(asked, mailId);
    await world.until('the answer', async () => (await endsOf(asked)).length === 2);
    expect((await endsOf(asked))[1]).toMatchObject({ end: 'OutcomeUnknown', cause: id });
    expect((await world.typesOf(mailId)).filter((type) => type === 'ReviewRequested')).toHaveLength(1);
  }, 120_000);
});

describe('a charge and its undo, on the real stack', () => {
  it('takes the money once and sends it back once, though each answer is lost and egress is killed', async () => {
    const name = `order_${process.pid}`;
    const money = { accountId: `cus_${name}`, amountMinor: 700, currency: 'EUR' };
    await world.sandbox.put('/sandbox/behaviour', { action: 'charge', match: name, actThenHang: true });
    await world.start();
    const charge = { chargeRef: name, paymentMethodId: null, description: 'spec', ...money };
    const asked = await world.command(ChargeCard, charge);
    const done = () => world.sandbox.acted().filter(({ subject, metadata }) => isOurs(metadata, name, subject));
    await world.until('the charge', () => done().length === 1);
    await world.end('SIGKILL');
    await world.sandbox.calm();
    await world.sandbox.put('/sandbox/behaviour', { action: 'refund', actThenReset: true, actThen500: true });
    await world.start();
    await world.until('the charge', async () => (await endsOf(asked)).length === 1);
    const refund = { refundId: `re_${name}`, chargeRef: name, paymentId: null, reason: 'spec', ...money };
    const undo = await world.command(RefundCharge, refund);
    await world.until('the refund', async () => (await endsOf(undo)).length === 1);
    expect([...(await endsOf(asked)), ...(await endsOf(undo))].map(({ end }) => end)).toEqual([
      ...['Confirmed', 'Confirmed'],
    ]);
    expect(done().map(({ action, amount }) => [action, amount])).toEqual([
      ['charge', 700],
      ['refund', 700],
    ]);
  }, 120_000);
});

const payments = new Set<string>();
function isOurs(metadata: Readonly<Record<string, string>>, name: string, subject: string): boolean {
  if (metadata['towpath_charge_ref'] === name) payments.add(subject);
  return payments.has(subject);
}

function isFailed({ type }: { readonly type: string }): boolean {
  return type.endsWith('EffectFailed');
}

async function seen(path: string): Promise<boolean> {
  const answer = await fetch(`${world.sandbox.origin}/sandbox/calls`);
  const { calls } = (await answer.json()) as { calls: { path: string }[] };
  return calls.some((call) => call.path.startsWith(path));
}

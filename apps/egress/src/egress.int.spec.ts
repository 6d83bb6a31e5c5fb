import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { all } from '@towpath/contracts/catalogue';
import { encode } from '@towpath/contracts/codec';
import { streamOf, type Contract } from '@towpath/contracts/contract';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { FetchCreditReport } from '@towpath/contracts/credit/FetchCreditReport.v1';
import { SendWebhook } from '@towpath/contracts/hooks/SendWebhook.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { ResetBreaker } from '@towpath/contracts/platform/ResetBreaker.v1';
import { SettleEffect } from '@towpath/contracts/platform/SettleEffect.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { newSecret } from '@towpath/sources/keys';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore } from '@towpath/event-store/types';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { frame } from '@towpath/kafka/wire';
import { SandboxProcess, type LoggedAct } from './sandbox-process.fixture.js';

const MAIN = resolve(import.meta.dirname, '../dist/main.js');
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const brokers = [process.env['KAFKA_BROKERS'] ?? ''];
const schemaIds = new Map(all().map(({ type }, index) => [type, index + 1]));

let database: SpecDatabase;
let store: EventStore;
let producer: Producer;
let sandbox: SandboxProcess;
let egress: ChildProcess | undefined;
let output = '';
let port = 0;
const hookSecret = newSecret();

beforeAll(async () => {
  database = await createSpecDatabase();
  const schemas = all().map(({ type, topic }) => ({
    ...{ type, subject: `${topic}-${type}`, topicTemplate: topic },
    schemaId: schemaIds.get(type) ?? 0,
  }));
  const passwords = { egress_service: 'spec' };
  await setupDatabase({
    adminUrl: database.adminUrl,
    services: ['egress'],
    contracts: all(),
    passwords,
    schemas,
    slot: null,
  });
  store = openStore({ url: database.urlOf('egress_service'), schema: 'egress' });
  const admin = await KafkaAdmin.connect({ brokers, clientId: 'egress-spec', logger: quiet });
  await admin.createTopics();
  await admin.close();
  producer = await createProducer({ brokers, clientId: 'egress-spec', logger: quiet });
  sandbox = await SandboxProcess.start({ SANDBOX_HOOK_SECRET: hookSecret });
}, 120_000);

afterEach(async () => {
  await end('SIGKILL');
  await sandbox.calm();
});

afterAll(async () => {
  await producer?.close();
  await sandbox?.stop();
  await store?.close();
  await database?.drop();
}, 60_000);

async function start(settings: NodeJS.ProcessEnv = {}): Promise<void> {
  port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    KAFKA_BROKERS: brokers.join(','),
    REGISTRY_URL: process.env['REGISTRY_URL'],
    DATABASE_URL: database.urlOf('egress_service'),
    STRIPE_HOST: sandbox.origin,
    SANDBOX_URL: sandbox.origin,
    SMTP_URL: `smtp://127.0.0.1:${sandbox.smtpPort}`,
    HOOK_ENDPOINTS: JSON.stringify({ acme: { url: `${sandbox.origin}/hooks/acme`, secrets: [hookSecret] } }),
    PORT: String(port),
    LOG_LEVEL: 'warn',
    ...settings,
  };
  output = '';
  egress = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [egress.stdout, egress.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (!egress || egress.exitCode !== null || egress.signalCode !== null) return;
  const ended = new Promise((done) => egress?.once('exit', done));
  egress.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

function keyOf<T extends object>(contract: Contract<T>, data: T): string {
  return String((data as Record<string, unknown>)[contract.key]);
}

/** Publishes a command as the relay would. */
async function command<T extends object>(contract: Contract<T>, data: T, id: string = randomUUID()): Promise<string> {
  const headers = {
    ce_id: id,
    ce_source: '/services/fraud',
    ce_specversion: '1.0',
    ce_type: contract.type,
    ce_time: new Date().toISOString(),
    ce_subject: keyOf(contract, data),
    ce_correlationid: `story-${id}`,
    ce_causationid: id,
    ce_hops: '2',
    ce_path: '',
    ce_stream: streamOf(contract, data),
    ce_sequence: '1',
    'content-type': 'application/avro',
  };
  const value = frame(schemaIds.get(contract.type) ?? 0, encode(contract, data));
  await producer.send([{ topic: contract.topic, key: keyOf(contract, data), value, headers }]);
  return id;
}

const capture = (paymentId: string, accountId = `cus_${paymentId}`): CapturePayment => ({
  ...{ paymentId, accountId, chargeId: null, amountMinor: 700, currency: 'EUR', reason: 'spec' },
});

async function typesOf(subject: string): Promise<string[]> {
  const rows = await store.query<{ type: string }>(
    'spec_types',
    `select type from events where stream in (select stream from events where data->>'subjectId' = $1 or data->>'paymentId' = $1) order by position`,
    [subject],
  );
  return rows.map(({ type }) => type.split('.').at(-1) ?? '');
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 40_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come; egress said: ${output.slice(-3_000)}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

describe('egress on the real stack', () => {
  it.each([
    ['before the provider acts', 'hang', 0],
    ['between the act and its outcome', 'actThenHang', 1],
  ])(
    'does a capture once when it is killed %s, and confirms it',
    async (_, behaviour, acts) => {
      const payment = `pi_kill_${behaviour}_${process.pid}`;
      const actsOn = () => sandbox.acted().filter(({ subject }) => subject === payment).length;
      await sandbox.put('/sandbox/behaviour', { action: 'capture', [behaviour]: true });
      await start();
      await command(CapturePayment, capture(payment));
      await until('the call', async () => (await typesOf(payment)).includes('EffectFired') && actsOn() === acts);
      await end('SIGKILL');
      await sandbox.calm();
      await start();
      await until('the confirmation', async () => (await typesOf(payment)).includes('EffectConfirmed'));
      expect(actsOn()).toBe(1);
      expect((await typesOf(payment)).filter((type) => type !== 'EffectFired')).toEqual([
        'EffectReserved',
        'EffectConfirmed',
      ]);
    },
    120_000,
  );

  it('does once what is delivered twice, and nothing for a halted account', async () => {
    const [payment, frozen] = [`pi_twice_${process.pid}`, `pi_frozen_${process.pid}`];
    await start();
    const id = await command(CapturePayment, capture(payment));
    await command(CapturePayment, capture(payment), id);
    await command(HaltCaptures, { accountId: 'cus_frozen', reason: 'spec' });
    await command(CapturePayment, capture(frozen, 'cus_frozen'));
    await until('both ends', async () => {
      const ends = [...(await typesOf(payment)), ...(await typesOf(frozen))];
      return ends.includes('EffectConfirmed') && ends.includes('EffectFailed');
    });
    expect(await typesOf(payment)).toEqual(['EffectReserved', 'EffectFired', 'EffectConfirmed']);
    expect(await typesOf(frozen)).toEqual(['EffectReserved', 'EffectFailed']);
    const subjects = sandbox.acted().map(({ subject }) => subject);
    expect(subjects.filter((subject) => subject === payment || subject === frozen)).toEqual([payment]);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/towpath_effects_total\{action="CapturePayment",outcome="confirmed".*\} 1\b/);
    expect(metrics).toMatch(/towpath_effects_total\{action="CapturePayment",outcome="failed".*\} 1\b/);
    expect(metrics).toMatch(/towpath_effects_queued(\{.*\})? 0\b/);
  }, 120_000);

  it('answers a question about a payment, with the address encrypted', async () => {
    const payment = `pi_context_${process.pid}`;
    await sandbox.put(`/sandbox/payments/${payment}`, {
      metadata: { ip: '203.0.113.5' },
      cardCountry: 'DE',
      riskLevel: 'normal',
    });
    await start();
    await command(CapturePayment, capture(`pi_ready_${process.pid}`));
    await until('readiness', async () => (await typesOf(`pi_ready_${process.pid}`)).includes('EffectConfirmed'));
    const known = { knownCardFingerprint: 'card_c', knownIpHash: null, knownMerchantId: 'shop_c' };
    await command(FetchPaymentContext, { paymentId: payment, accountId: 'cus_c', ...known, wanted: ['ip'] });
    await until('the context', async () => (await typesOf(payment)).length > 0);
    const [event] = await store.read(`payment-context-${payment}`);
    expect(event).toMatchObject({
      type: 'egress.v1.PaymentContextFetched',
      data: { cardCountry: 'DE', riskLevel: 'normal', ...known },
    });
    expect(JSON.stringify(event?.data)).not.toContain('203.0.113.5');
  }, 120_000);
});

const acts = (provider: string, holds: (act: LoggedAct) => boolean) => sandbox.done(provider).filter(holds);
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
      await sandbox.put('/sandbox/behaviour', { action: 'zendesk', [behaviour]: true });
      await start();
      await command(SendTicketReply, reply(ticketId));
      const calls = async () => (await typesOf(ticketId)).includes('EffectFired');
      await until(
        'the call',
        async () => (await calls()) && (await seen('/zendesk/api/v2/tickets/')) && acted() === done,
      );
      await end('SIGKILL');
      await sandbox.calm();
      await start({ ZENDESK_CALL_MS_MAX: '500' });
      await until('the end', async () => (await typesOf(ticketId)).includes(end_));
      expect(acted()).toBe(done);
      expect((await typesOf(ticketId)).filter((type) => type === 'EffectFired')).toHaveLength(1);
    },
    120_000,
  );

  it('sends no mail twice whose end was lost: a person settles it, and whoever waits hears of it', async () => {
    const mailId = `m-lost-${process.pid}`;
    await sandbox.put('/sandbox/behaviour', { action: 'smtp', actThenReset: true });
    await start();
    await command(SendMail, {
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
    await until('the unknown outcome', async () => (await typesOf(mailId)).includes('EffectOutcomeUnknown'));
    const sent = () => acts('smtp', ({ subject }) => subject === 'ada@shop.example').length;
    expect(sent()).toBe(1);
    const effectId = await effectOf(mailId);
    await command(SettleEffect, { effectId, outcome: 'done', actor: 'ada', reason: 'it is in the inbox' });
    await until('the settlement', async () => (await typesOf(mailId)).includes('EffectConfirmed'));
    expect((await typesOf(mailId)).slice(-3)).toEqual(['EffectSettled', 'EffectConfirmed', 'ReviewClosed']);
    expect(sent()).toBe(1);
  }, 120_000);
});

describe('what egress keeps and sends', () => {
  it('holds what it says to people in no readable form, also while it waits', async () => {
    const ticketId = `zendesk:acme:7${process.pid}`;
    await sandbox.put('/sandbox/behaviour', { action: 'zendesk', failNext: 1, failStatus: 429 });
    await start();
    await command(SendTicketReply, reply(ticketId));
    await until('the reply', async () => (await typesOf(ticketId)).includes('EffectConfirmed'));
    const text = 'select data::text as text from events union all select state::text from projections';
    const rows = await store.query<{ text: string }>('spec_everything', text, []);
    expect(rows.filter((row) => row.text.includes('Lovelace'))).toEqual([]);
    expect(acts('zendesk', ({ subject }) => subject === `7${process.pid}`)).toHaveLength(1);
  }, 120_000);

  it('sends nothing in a dry run, keeps what it would have sent, and says so', async () => {
    const noticeId = `n-dry-${process.pid}`;
    await start({ EGRESS_DRY_RUN: 'slack' });
    await command(PostNotice, { noticeId, channel: 'C1', text: 'deploy done' });
    await until('the end', async () => (await typesOf(noticeId)).includes('EffectConfirmed'));
    const events = await store.read(`effect-${await effectOf(noticeId)}`);
    expect(events.at(-1)?.data).toMatchObject({ dryRun: true, providerReference: 'dry-run' });
    expect(events.at(-2)?.data).toMatchObject({ method: 'POST', bodySha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(acts('slack', () => true)).toEqual([]);
  }, 120_000);

  it('sends a webhook again by the schedule, under one id, and disables an endpoint that never took it', async () => {
    const [taken, refused, later, again] = ['taken', 'refused', 'later', 'again'].map((one) => `${one}${process.pid}`);
    await sandbox.put('/sandbox/behaviour', { action: 'hooks', failNext: 2, failStatus: 503 });
    await start({ HOOK_SCHEDULE: '0s 100ms 100ms' });
    await command(SendWebhook, webhook(taken!));
    await until('the webhook', async () => (await typesOf(`acme/${taken}`)).includes('EffectConfirmed'));
    const received = acts('hooks', ({ effectId }) => effectId !== null);
    expect(received).toHaveLength(1);
    expect((await typesOf(`acme/${taken}`)).filter((type) => type === 'EffectDeferred')).toHaveLength(2);

    await sandbox.put('/sandbox/behaviour', { action: 'hooks', failNext: 100, failStatus: 500 });
    await command(SendWebhook, webhook(refused!));
    await until('the end', async () => (await typesOf(`acme/${refused}`)).includes('EffectFailed'));
    expect((await typesOf(`acme/${refused}`)).filter((type) => type === 'EffectFired')).toHaveLength(3);
    await command(SendWebhook, webhook(later!));
    await until('the refusal', async () => (await typesOf(`acme/${later}`)).includes('EffectFailed'));
    expect(await typesOf(`acme/${later}`)).not.toContain('EffectFired');

    await sandbox.calm();
    await command(ResetBreaker, { breakerId: 'egress/hooks/acme', actor: 'ada', reason: 'mended' });
    await until('the reset', async () => (await store.read('breaker-egress/hooks/acme')).length === 2);
    await command(SendWebhook, webhook(again!));
    await until('the next', async () => (await typesOf(`acme/${again}`)).includes('EffectConfirmed'));
  }, 120_000);

  it('asks the credit bureau once about an application, and keeps its answer encrypted', async () => {
    const applicationId = `loan-${process.pid}`;
    const question = { applicantRef: `tax-${process.pid}`, fullName: 'Ada Lovelace', dateOfBirth: '1815-12-10' };
    const asked = { applicationId, applicantId: 'app_1', ...question, purpose: 'loan-application' };
    await sandbox.put('/sandbox/behaviour', { action: 'bureau', failNext: 1, failStatus: 503 });
    await start();
    await command(FetchCreditReport, asked);
    const events = () => store.read(`credit-report-${applicationId}`);
    await until('the report', async () => (await events()).length === 1);
    await command(FetchCreditReport, asked);
    await until('the second answer', async () => (await events()).length === 2);
    const [first, second] = (await events()).map(({ data }) => data as Record<string, unknown>);
    expect([first?.['cached'], second?.['cached']]).toEqual([false, true]);
    expect(second?.['rawSha256']).toBe(first?.['rawSha256']);
    expect(String(first?.['report'])).toMatch(/^enc1:/);
    expect(acts('bureau', ({ subject }) => subject === question.applicantRef)).toHaveLength(1);
    await command(FetchCreditReport, { ...asked, applicationId: `${applicationId}-x`, applicantRef: 'unknown-1' });
    const none = () => store.read(`credit-report-${applicationId}-x`);
    await until('the answer', async () => (await none()).length === 1);
    expect((await none())[0]).toMatchObject({
      type: 'egress.v1.CreditReportUnavailable',
      data: { code: 'APPLICANT_UNKNOWN' },
    });
  }, 120_000);
});

async function effectOf(subject: string): Promise<string> {
  const [row] = await store.query<{ id: string }>(
    'spec_effect',
    `select data->>'effectId' as id from events where data->>'subjectId' = $1 limit 1`,
    [subject],
  );
  return row?.id ?? '';
}

async function seen(path: string): Promise<boolean> {
  const answer = await fetch(`${sandbox.origin}/sandbox/calls`);
  const { calls } = (await answer.json()) as { calls: { path: string }[] };
  return calls.some((call) => call.path.startsWith(path));
}

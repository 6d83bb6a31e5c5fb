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
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore } from '@towpath/event-store/types';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { frame } from '@towpath/kafka/wire';
import { SandboxProcess } from './sandbox-process.fixture.js';

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
  sandbox = await SandboxProcess.start();
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

async function start(): Promise<void> {
  port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    KAFKA_BROKERS: brokers.join(','),
    REGISTRY_URL: process.env['REGISTRY_URL'],
    DATABASE_URL: database.urlOf('egress_service'),
    STRIPE_HOST: sandbox.origin,
    PORT: String(port),
    LOG_LEVEL: 'warn',
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

/** Publishes a command as the relay would. */
async function command<T extends { accountId: string }>(
  contract: Contract<T>,
  data: T,
  id: string = randomUUID(),
): Promise<string> {
  const headers = {
    ce_id: id,
    ce_source: '/services/fraud',
    ce_specversion: '1.0',
    ce_type: contract.type,
    ce_time: new Date().toISOString(),
    ce_subject: data.accountId,
    ce_correlationid: `story-${id}`,
    ce_causationid: id,
    ce_hops: '2',
    ce_path: '',
    ce_stream: streamOf(contract, data),
    ce_sequence: '1',
    'content-type': 'application/avro',
  };
  const value = frame(schemaIds.get(contract.type) ?? 0, encode(contract, data));
  await producer.send([{ topic: 'payments.commands', key: data.accountId, value, headers }]);
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

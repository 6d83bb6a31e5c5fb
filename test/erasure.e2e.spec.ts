import { randomBytes, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { databaseUrl } from '@towpath/cli/local/service-environment';
import { contractOf } from '@towpath/contracts/catalogue';
import { goneAfterMs } from '@towpath/contracts/topic-settings';
import { topicOfName } from '@towpath/contracts/topics';
import { ByteSearch } from '@towpath/testing/byte-search';
import { chargeSucceeded, stripeEvent } from '@towpath/testing/charges';
import { runCli, type CliRun } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import {
  searchDatabase,
  searchDecrypted,
  searchLogs,
  searchTopics,
  type Superuser,
} from '@towpath/testing/everything-kept';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

const SEEN_MS_MAX = 30_000;
const CLI_MS_MAX = 60_000;

jest.setTimeout(300_000);

const run = `gone${randomBytes(4).toString('hex')}`;
const customer = `cus_${run}`;
const digits = (count: number) => Array.from({ length: count }, () => randomInt(10)).join('');
const part = () => randomInt(100, 256);

/** What must be nowhere in the end, by the place where it is planted. */
const canaries = {
  name: `Anna ${run}`,
  email: `anna.${run}@example.org`,
  phone: `+4930${digits(9)}`,
  street: `${run} Example Street 12`,
  receipt: `receipt.${run}@example.org`,
  shippingName: `Bert ${run}`,
  shippingPhone: `+4940${digits(9)}`,
  shippingStreet: `${run} Harbour Road 7`,
  card: `4${digits(15)}`,
  ip: `10.${part()}.${part()}.${part()}`,
  device: `device-${run}`,
  note: `calls herself ${run} at home`,
  description: `gift for ${run} and family`,
  country: `country of ${run}`,
  fetchedIp: `11.${part()}.${part()}.${part()}`,
  failure: `the card of ${run} was declined`,
  declined: `declined ${run} again`,
  evidence: `${run} never ordered it`,
  disputeReason: `she said ${run} lied`,
  reviewIp: `12.${part()}.${part()}.${part()}`,
  profile: `Profile of ${run}`,
  type: `customer ${run} changed`,
  refused: `refused note of ${run}`,
  deadLetter: `dead note of ${run}`,
  reused: `reused note of ${run}`,
  malformed: `malformed note of ${run}`,
  header: `header of ${run}`,
  reason: `reason.${run}@example.org`,
  edited: `edited by hand for ${run}`,
} as const;
const texts: readonly string[] = Object.values(canaries);

let platform: TestPlatform;
let deliveries: Deliveries;
let superuser: pg.Client;
let startedAt: Date;
const sql: Superuser = async <Row>(text: string, values: readonly unknown[] = []) =>
  (await superuser.query({ text, values: [...values] })).rows as Row[];

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  superuser = new pg.Client({ connectionString: platform.around.stack.ADMIN_DATABASE_URL });
  await superuser.connect();
  startedAt = new Date();
}, ATTACH_MS_MAX);

afterAll(async () => {
  await superuser?.end();
  await platform?.release();
});

function towpath(...words: string[]): Promise<CliRun> {
  return runCli(words, { home: platform.home, ports: platform.around.ports, msMax: CLI_MS_MAX });
}

interface Row {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Events of a service since the spec began. */
function events(schema: string, where: string, count = 1): Promise<Row[]> {
  const text = `select type, data from ${schema}.events where occurred_at >= $1 and ${where} order by position`;
  return untilEnough(
    () => sql<Row>(text, [startedAt]),
    ({ length }) => length >= count,
    SEEN_MS_MAX,
  );
}

/** The charge of a payment with a person in every field that Stripe has for one. */
function chargeOf(id: string): { eventId: string; body: string } {
  const plain = chargeSucceeded({ id: `${run}_${id}`, customer, ip: canaries.ip, device: canaries.device });
  const event = JSON.parse(plain.body) as { data: { object: Record<string, unknown> } };
  const { object } = event.data;
  const address = { country: 'DE', line1: canaries.street };
  object['billing_details'] = { name: canaries.name, email: canaries.email, phone: canaries.phone, address };
  object['receipt_email'] = canaries.receipt;
  object['shipping'] = {
    name: canaries.shippingName,
    phone: canaries.shippingPhone,
    address: { line1: canaries.shippingStreet, country: canaries.country },
  };
  object['metadata'] = { ...(object['metadata'] as object), note: canaries.note };
  object['description'] = canaries.description;
  const card = (object['payment_method_details'] as { card: Record<string, unknown> }).card;
  card['number'] = canaries.card;
  return { eventId: plain.eventId, body: JSON.stringify(event) };
}

async function send(body: string): Promise<void> {
  expect(await deliveries.sendLikeStripe(body)).toBeGreaterThan(0);
}

/** Plants every canary and waits until each has become whatever it becomes. */
async function plant(): Promise<void> {
  const id = (name: string) => `${run}_${name}`;
  const object = { amount: 1_500, currency: 'eur', customer };
  const charge = (name: string) => ({
    ...object,
    object: 'charge',
    id: `ch_${id(name)}`,
    payment_intent: `pi_${id(name)}`,
  });
  const about = (name: string, type: string, fields: object) => stripeEvent(`evt_${id(name)}`, type, fields, '').body;
  const first = chargeOf('first');
  await send(first.body);
  await send(first.body.replace(canaries.note, canaries.reused));
  await new Sandbox(platform).seed([
    { id: `pi_${id('asked')}`, status: 'requires_capture', customerId: customer, metadata: { ip: canaries.fetchedIp } },
  ]);
  const asked = chargeSucceeded({ id: id('asked'), customer, ip: null, device: null });
  await send(asked.body);
  const failed = { failure_message: canaries.failure, outcome: { reason: canaries.declined } };
  await send(about('failed', 'charge.failed', { ...charge('first'), ...failed }));
  const dispute = { amount: 1_500, currency: 'eur', object: 'dispute', id: `dp_${run}`, charge: `ch_${id('first')}` };
  const evidence = { customer_name: canaries.evidence };
  await send(
    about('dispute', 'charge.dispute.created', {
      ...dispute,
      ...{ payment_intent: `pi_${id('first')}`, reason: canaries.disputeReason, evidence },
    }),
  );
  const review = {
    object: 'review',
    id: `prv_${run}`,
    payment_intent: `pi_${id('first')}`,
    ip_address: canaries.reviewIp,
  };
  await send(about('review', 'review.opened', review));
  await send(about('profile', 'customer.updated', { object: 'customer', id: customer, name: canaries.profile }));
  await send(about('type', canaries.type, { object: 'customer', id: customer }));
  await send(about('refused', 'charge.succeeded', { ...charge('refused'), amount: canaries.refused }));
  // More than a contract's whole numbers can say: nothing is wrong with it until it is to be stored.
  const unstorable = { ...charge('dead'), amount: Number.MAX_SAFE_INTEGER, metadata: { note: canaries.deadLetter } };
  await send(about('dead', 'charge.succeeded', unstorable));
  expect(await deliveries.sendStripe(`{"customer":"${customer}","note":"${canaries.malformed}"`)).toBe(400);
  const headers = { 'user-agent': canaries.header, 'x-customer': canaries.header, cookie: canaries.header };
  expect(await deliveries.sendStripe(chargeOf('header').body, headers)).toBe(202);
  const unfreeze = { accountId: customer };
  await deliveries.sendCommand('UnfreezeAccount', { ...unfreeze, reason: `wrote ${canaries.reason}` }, `msg_${run}_1`);
  await deliveries.sendCommand('UnfreezeAccount', { ...unfreeze, reason: 'ticket 12' }, `msg_${run}_2`);
  await events(
    'triage',
    `type like '%DeliveryRefused' and data ->> 'providerEventId' in ('evt_${id('refused')}', 'msg_${run}_1')`,
    2,
  );
  await events('triage', `type like '%DeadLettered' and data ->> 'reason' = 'DATA_INVALID'`);
  await events('fraud', `data ->> 'paymentId' = 'pi_${id('header')}' and type like '%PaymentApproved'`);
  await events('egress', `data ->> 'paymentId' = 'pi_${id('asked')}' and type like '%PaymentContextFetched'`);
  await redriveEdited();
}

/** An account that is not frozen can't be unfrozen: a dead letter, which somebody edits and which fails again. */
async function redriveEdited(): Promise<void> {
  const letters = `type like '%DeadLettered' and data ->> 'reason' = 'ACCOUNT_NOT_FROZEN'`;
  const [letter] = await events('fraud', letters);
  const file = join(platform.home, `${run}.json`);
  writeFileSync(file, JSON.stringify({ accountId: customer, actor: 'local', reason: canaries.edited }));
  const words = ['dlq', 'redrive', String(letter!.data['deadLetterId']), '--edit', file];
  expect(await towpath(...words, '--reason', 'spec', '--yes')).toMatchObject({ code: 0 });
  await events('fraud', letters, 2);
}

/** What anybody finds who reads bytes, and who has the keys of the vault besides. */
async function found(): Promise<{ bytes: Record<string, string[]>; decrypted: Record<string, string[]> }> {
  const bytes = new ByteSearch(texts);
  const decrypted = new ByteSearch(texts);
  await searchDatabase(sql, bytes);
  searchLogs(platform, bytes);
  await searchDecrypted(sql, await searchTopics(platform, bytes), decrypted);
  return { bytes: bytes.found(), decrypted: decrypted.found() };
}

/** The broker deletes raw deliveries by age; here, at once. */
async function expireRawDeliveries(): Promise<void> {
  const brokers = platform.around.stack.KAFKA_BROKERS.split(',');
  const admin = new Kafka({ brokers, clientId: 'towpath-specs', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topic = 'webhooks.received';
  const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: high }));
  await admin.deleteTopicRecords({ topic, partitions: partitions.filter(({ offset }) => offset !== '0') });
  await admin.disconnect();
}

interface Report {
  readonly subject: string;
  readonly erasedAt: string;
  readonly firstErasedAt: string;
  readonly keysDestroyed: number;
  readonly services: readonly { service: string; rows: string[]; deadLetters: number }[];
  readonly open: readonly { code: string; until: string | null }[];
}

const erase = (...words: string[]) =>
  towpath('erase', 'customer', customer, '--reason', 'request 7', '--json', ...words);
const json = <T>({ stdout }: CliRun): T => JSON.parse(stdout.trim().split('\n').at(-1)!) as T;

/** Nobody's canary: it never comes past ingress, or is hashed before it is kept. */
const neverKept: readonly string[] = [canaries.malformed, canaries.header];

describe('an erased customer', () => {
  it('is unreadable everywhere once the raw deliveries are gone, and every service says what it dropped', async () => {
    await plant();
    const before = await found();
    const raw = Object.entries(before.bytes).filter(([, places]) => places.includes('webhooks.received'));
    // In the clear they are on the topic of raw deliveries only, and with the vault's keys all that was kept is readable.
    expect(
      Object.values(before.bytes)
        .flat()
        .filter((place) => place !== 'webhooks.received'),
    ).toEqual([]);
    const expected = texts.filter((text) => !neverKept.includes(text)).sort();
    expect(raw.map(([text]) => text).sort()).toEqual(expected.filter((text) => text !== canaries.fetchedIp));
    expect(Object.keys(before.decrypted).sort()).toEqual(expected.filter((text) => text !== canaries.reused));

    const dry = await erase('--dry-run');
    expect([dry.code, json(dry)]).toMatchObject([0, { dryRun: true, erasedAt: null }]);
    expect(await erase()).toMatchObject({ code: 1, stderr: expect.stringContaining('CONFIRMATION_NEEDED') });

    const done = await erase('--yes');
    const report = json<Report>(done);
    expect([done.code, done.stderr]).toEqual([0, '']);
    expect(report.services).toEqual([
      expect.objectContaining({ service: 'commerce', rows: [], deadLetters: 0 }),
      expect.objectContaining({ service: 'console', rows: [], deadLetters: 0 }),
      expect.objectContaining({ service: 'egress', rows: [], deadLetters: 0 }),
      expect.objectContaining({ service: 'fraud', rows: ['customers', 'accounts'], deadLetters: 2 }),
      expect.objectContaining({ service: 'growth', rows: [], deadLetters: 0 }),
      expect.objectContaining({ service: 'lending', rows: [], deadLetters: 0 }),
      expect.objectContaining({ service: 'saga-orchestrator', rows: [], deadLetters: 0 }),
      expect.objectContaining({ service: 'support', rows: ['accounts'], deadLetters: 0 }),
      expect.objectContaining({ service: 'triage', rows: [], deadLetters: 1 }),
    ]);
    const rawGoneAt = Date.parse(report.erasedAt) + goneAfterMs(topicOfName('webhooks.received'))!;
    expect(report.open).toContainEqual(
      expect.objectContaining({ code: 'RAW_COPIES', until: new Date(rawGoneAt).toISOString() }),
    );

    await expireRawDeliveries();
    expect(await found()).toEqual({ bytes: {}, decrypted: {} });
    for (const service of ['triage', 'fraud', 'egress']) {
      expect(await towpath('verify', '--service', service)).toMatchObject({ code: 0 });
    }
  });

  it('has no rows left in any projection', async () => {
    const rows = await sql<{ name: string }>('select name from fraud.projections where key = $1', [customer]);
    expect(rows).toEqual([]);
  });

  it('gets no new key when the provider tells of it again: what it says of the person is dropped', async () => {
    const { body } = chargeOf('later');
    await send(body);
    const paymentId = `pi_${run}_later`;
    const [charge] = await events('triage', `data ->> 'paymentId' = '${paymentId}' and type like '%ChargeSucceeded'`);
    const contract = contractOf(charge!.type);
    for (const { name } of contract.pii) expect(['erased', null]).toContain(charge!.data[name]);
    await events('fraud', `data ->> 'paymentId' = '${paymentId}' and type like '%FraudCaseOpened'`);
    await expireRawDeliveries();
    expect(await found()).toEqual({ bytes: {}, decrypted: {} });
  });

  it('may be erased again: nothing else happens, and the first time is kept', async () => {
    const again = json<Report>(await erase('--yes'));
    expect(again.firstErasedAt < again.erasedAt).toBe(true);
    const [first] = await events('triage', `type like '%SubjectErased' and data ->> 'subject' = '${customer}'`);
    expect(Date.parse(again.firstErasedAt)).toBe(first!.data['firstErasedAt']);
  });

  it('must have been heard of, so that a slip of the finger erases nobody', async () => {
    const { code, stderr } = await towpath('erase', 'customer', `${customer}x`, '--reason', 'spec', '--yes', '--json');
    expect([code, stderr]).toEqual([1, expect.stringContaining('SUBJECT_UNKNOWN')]);
  });
});

describe('keys', () => {
  it('are destroyed by triage alone, and only for a command that it holds', async () => {
    const call = async (role: string, text: string) => {
      const client = new pg.Client({ connectionString: databaseUrl(platform.around, role) });
      await client.connect();
      try {
        return await client.query(text);
      } finally {
        await client.end();
      }
    };
    const text = `select * from vault.erase('none', '${customer}', '{${customer}}')`;
    await expect(call('fraud_service', text)).rejects.toThrow('permission denied');
    await expect(call('triage_service', text)).rejects.toThrow('ERASURE_UNRECORDED');
    await expect(call('fraud_service', `select vault.destroy('x', 'y', '{}')`)).rejects.toThrow('permission denied');
  });
});

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { registryOf } from '@towpath/cli/follow-topics';
import { quietLogger } from '@towpath/cli/quiet-logger';
import { inspect } from '@towpath/kafka/inspect';
import { createProducer } from '@towpath/kafka/producer';
import { runCli, type CliRun } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { effectsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;
const CLI_MS_MAX = 60_000;
const TYPE = 'payments.v1.CapturePayment';
const CANARY = 'anna@example.org';

jest.setTimeout(240_000);

const run = `dead${randomBytes(4).toString('hex')}`;
/** What no schema reads: bytes that are no text, and a person in the midst of them. */
const poison = Buffer.concat([Buffer.from([0, 0, 0, 0, 1, 255, 254]), Buffer.from(CANARY)]);
let platform: TestPlatform;
let startedAt: Date;
let letters: { id: string; key: string }[];

interface Row {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

beforeAll(async () => {
  platform = await attachPlatform();
  startedAt = new Date();
  await sendPoison(7);
  const rows = await untilEnough(
    () => events(`type = 'platform.v1.DeadLettered' and data ->> 'originEventId' is not null`),
    ({ length }) => length >= 7,
    SEEN_MS_MAX,
  );
  letters = rows.map(({ data }) => ({
    id: String(data['deadLetterId']),
    key: Buffer.from(String(data['messageKey']), 'base64').toString(),
  }));
  expect(letters).toHaveLength(7);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

async function sendPoison(count: number): Promise<void> {
  const producer = await createProducer({
    brokers: platform.around.stack.KAFKA_BROKERS.split(','),
    clientId: 'towpath-specs',
    logger: quietLogger,
  });
  const records = Array.from({ length: count }, (_, n) => ({
    topic: 'payments.commands',
    key: `cus_${run}_${n}`,
    value: poison,
    headers: headersOf(n),
  }));
  await producer.send(records);
  await producer.close();
}

function headersOf(n: number): Record<string, string> {
  return {
    ce_id: `${run}-${n}`,
    ce_source: '/services/fraud',
    ce_specversion: '1.0',
    ce_type: TYPE,
    ce_time: new Date().toISOString(),
    ce_subject: `cus_${run}_${n}`,
    'x-odd': '\u00e9\u0001',
  };
}

/** Egress's events since the spec began. */
async function events(where: string): Promise<Row[]> {
  return platform.inspector.query<Row>(
    `select type, data from egress.events where occurred_at >= $1 and ${where} order by position`,
    [startedAt],
  );
}

function towpath(words: string[], interruptAt?: RegExp): Promise<CliRun> {
  const { home, around } = platform;
  return runCli(words, { home, ports: around.ports, msMax: CLI_MS_MAX, ...(interruptAt && { interruptAt }) });
}

const json = ({ stdout }: CliRun): Record<string, unknown> => JSON.parse(stdout.trim().split('\n').at(-1)!) as never;

describe('a message that can not be read', () => {
  it('is on the dead letters’ topic with its exact key and headers, Connect’s headers, and no byte of its value readable', async () => {
    const { id, key } = letters[0]!;
    const records = inspect({
      brokers: platform.around.stack.KAFKA_BROKERS.split(','),
      clientId: 'towpath-specs',
      logger: quietLogger,
      topic: 'egress.dead-letters',
      from: { time: startedAt },
      follow: true,
      signal: AbortSignal.timeout(SEEN_MS_MAX),
      registry: registryOf({ registryUrl: platform.around.stack.REGISTRY_URL }),
    });
    for await (const { key: recordKey, value, headers, data } of records) {
      if (recordKey?.toString() !== id) continue;
      const letter = data as { messageKey: Buffer; messageHeaders: Record<string, Buffer>; originOffset: string };
      expect(letter.messageKey.toString()).toBe(key);
      expect(letter.messageHeaders['x-odd']).toEqual(Buffer.from('\u00e9\u0001'));
      expect(headers).toMatchObject({
        '__connect.errors.topic': 'payments.commands',
        '__connect.errors.offset': letter.originOffset,
        '__connect.errors.exception.class.name': 'UNDECODABLE',
      });
      expect(value?.includes(CANARY)).toBe(false);
      return;
    }
    throw new Error(`egress.dead-letters has no ${id}`);
  });

  it('raises one alert when five of a group come within an hour, not one each', async () => {
    const alerts = await untilEnough(
      () => events(`type = 'platform.v1.AlertRaised'`),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    expect(alerts).toMatchObject([{ data: { subject: `${TYPE}|UNDECODABLE|ReserveEffect` } }]);
  });

  it('is counted in its group, and shown masked unless it is revealed, which is recorded', async () => {
    const { id } = letters[0]!;
    const summary = await towpath(['dlq', 'summary', '--since', '1h', '--json']);
    const groups = summary.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const own = groups.find(({ type, reason }) => type === TYPE && reason === 'UNDECODABLE');
    expect(Number(own?.['count'])).toBeGreaterThanOrEqual(7);

    const masked = await towpath(['dlq', 'show', id]);
    expect(masked.stdout).toContain('UNDECODABLE in ReserveEffect');
    expect(masked.stdout).not.toContain(CANARY);

    const revealed = await towpath(['dlq', 'show', id, '--reveal', '--reason', 'spec', '--json']);
    expect(json(revealed)['messageValue']).toBe(poison.toString('base64'));
    const recorded = await platform.inspector.query<Row>(
      `select type, data from triage.events where type = 'ops.v1.OperationRecorded' and data ->> 'target' = $1`,
      [`dead letter ${id}`],
    );
    expect(recorded).toMatchObject([{ data: { verb: 'reveal', actor: 'local', reason: 'spec' } }]);
  });
});

describe('a dead letter', () => {
  it('is discarded once, with who and why', async () => {
    const { id } = letters[1]!;
    const dry = await towpath(['dlq', 'discard', id, '--reason', 'spec', '--dry-run', '--json']);
    expect(json(dry)).toEqual({ dryRun: true, count: 1 });
    const asked = await towpath(['dlq', 'discard', id, '--reason', 'spec', '--json']);
    expect([asked.code, asked.stdout + asked.stderr]).toEqual([1, expect.stringContaining('CONFIRMATION_NEEDED')]);
    for (let time = 0; time < 2; time += 1)
      await towpath(['dlq', 'discard', id, '--reason', 'spec', '--yes', '--json']);
    expect(await events(`data ->> 'deadLetterId' = '${id}' and type like '%Discarded'`)).toMatchObject([
      { data: { actor: 'local', reason: 'spec' } },
    ]);
  });

  it('that is redriven as it was fails again as another one, with its attempts known', async () => {
    const { id } = letters[2]!;
    const { code, stdout } = await towpath(['dlq', 'redrive', id, '--reason', 'spec', '--yes', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { counts: { 'failed again': 1 } }]);
    const again = await events(`type = 'platform.v1.DeadLettered' and data ->> 'redriveOf' = '${id}'`);
    expect(again).toMatchObject([
      { data: { reason: 'UNDECODABLE', attempts: 2, originEventId: `${run}-${letterNumber(2)}` } },
    ]);
  });

  it('that is redriven with edited data is checked by its contract, and has its effect once however often it is asked', async () => {
    const { id } = letters[3]!;
    const paymentId = `pi_${run}_edited`;
    const file = join(platform.home, `${run}.json`);
    const edited = { paymentId, accountId: letters[3]!.key, amountMinor: 1200, currency: 'EUR', reason: 'edited' };
    writeFileSync(file, JSON.stringify({ ...edited, amountMinor: 'a lot' }));
    const words = ['dlq', 'redrive', id, '--edit', file, '--reason', 'spec', '--yes', '--json'];
    const refused = await towpath(words);
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([1, expect.stringContaining('DATA_INVALID')]);

    // Past the command line: the service checks by itself, and a refused command leaves the dead letter open.
    const deliveries = new Deliveries(platform);
    const byHand = { deadLetterId: id, service: 'egress', reason: 'spec', edited: { paymentId } };
    expect(await deliveries.sendCommand('RedriveDeadLetter', byHand, `msg_${run}_bad`)).toBe(202);
    await untilEnough(
      () => events(`type = 'platform.v1.DeadLettered' and data ->> 'originType' = 'platform.v1.RedriveDeadLetter'`),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );

    writeFileSync(file, JSON.stringify(edited));
    expect(json(await towpath(words))).toMatchObject({ counts: { redriven: 1 } });
    const again = { ...byHand, edited };
    expect(await deliveries.sendCommand('RedriveDeadLetter', again, `msg_${run}_again`)).toBe(202);
    await untilEnough(
      () => platform.inspector.deliveries({ schema: 'egress', limit: 200 }),
      (seen) => seen.length > 0 && effectsOf(platform.home, paymentId).length > 0,
      SEEN_MS_MAX,
    );
    const redriven = await events(`type like '%DeadLetterRedriven' and data ->> 'deadLetterId' = '${id}'`);
    expect(redriven).toMatchObject([{ data: { edited: true, late: true, actor: 'local' } }]);
    expect(redriven[0]!.data['messageId']).not.toBe(`${run}-3`);
    expect(effectsOf(platform.home, paymentId).map(({ action }) => action)).toEqual(['capture']);
  });

  it('is left to the next run when Ctrl-C ends a task, and nothing is done twice', async () => {
    const ids = letters.slice(4).map(({ id }) => id);
    const words = ['dlq', 'discard', ...ids, '--reason', 'spec', '--yes', '--rate', '1'];
    const first = await towpath(words, /1\/3/);
    expect([first.code, first.stderr]).toEqual([1, expect.stringContaining('INTERRUPTED')]);
    const second = await towpath(words);
    expect(second.code).toBe(0);
    const discarded = await events(`type like '%Discarded' and data ->> 'deadLetterId' = any ('{${ids.join(',')}}')`);
    expect(discarded).toHaveLength(3);
  });
});

function letterNumber(index: number): string {
  return letters[index]!.key.split('_').at(-1)!;
}

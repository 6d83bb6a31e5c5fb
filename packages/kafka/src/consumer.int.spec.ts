import { KafkaAdmin } from './admin.js';
import { createClient } from './client.js';
import { subscribe, type SubscribeOptions, type Subscription } from './consumer.js';
import { createProducer, type Producer } from './producer.js';
import type { InboundRecord } from './record.js';
import { brokers, outbound, silent, uniqueTopic, until } from './testing/broker-fixture.js';

describe('consumer', () => {
  let producer: Producer;
  let admin: KafkaAdmin;
  const open: Subscription[] = [];

  beforeAll(async () => {
    producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
    admin = await KafkaAdmin.connect({ brokers: brokers(), clientId: 'spec', logger: silent });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((subscription) => subscription.stop()));
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  it('gives each key in order, skips types nobody accepts, and commits behind both', async () => {
    const topic = await uniqueTopic(6);
    const values: string[] = [];
    await reader(topic, { onRecords: (records) => collect(records, values) });
    await Promise.all(range(300).map((n) => producer.send([outbound(topic, `k${n % 7}`, `${n % 7}:${n}`)])));
    await producer.send(range(50).map((n) => outbound(topic, `k${n}`, 'no', 'spec.v1.Unwanted')));
    await until('all wanted records', () => values.length === 300);
    for (const key of range(7)) {
      const ofKey = values.filter((value) => value.startsWith(`${key}:`)).map((value) => Number(value.split(':')[1]));
      expect(ofKey).toEqual([...ofKey].sort((one, other) => one - other));
    }
    expect(values).not.toContain('no');
    await until('the group to be committed to the end', async () => (await lagOf(topic)) === 0);
  }, 30_000);

  it('goes on where it left off, with nothing again after a clean stop', async () => {
    const topic = await uniqueTopic(2);
    const first: string[] = [];
    const subscription = await reader(topic, { onRecords: (records) => collect(records, first) });
    await producer.send([outbound(topic, 'a', '1')]);
    await until('the first record', () => first.length === 1);
    await subscription.stop();
    await producer.send([outbound(topic, 'a', '2')]);
    const second: string[] = [];
    await reader(topic, { onRecords: (records) => collect(records, second) });
    await until('the second record', () => second.length > 0);
    expect(second).toEqual(['2']);
  }, 30_000);

  it('survives a SyntaxError out of the handler: it is rebuilt and the records come again', async () => {
    const topic = await uniqueTopic(3);
    const values: string[] = [];
    let throws = 2;
    let fatal: Error | undefined;
    await reader(topic, {
      onFatal: (error) => (fatal = error),
      onRecords: (records) => {
        if (throws-- > 0) throw new SyntaxError('Unexpected token');
        return collect(records, values);
      },
    });
    await producer.send([outbound(topic, 'a', 'poison')]);
    await until('the record to be handled after two rebuilds', () => values.includes('poison'));
    await producer.send([outbound(topic, 'a', 'next')]);
    await until('the next record', () => values.includes('next'));
    expect(fatal).toBeUndefined();
  }, 30_000);

  it('hands every partition to the one that stays when another leaves', async () => {
    const topic = await uniqueTopic(4);
    const values: string[] = [];
    const stays = await reader(topic, { onRecords: (records) => collect(records, values) });
    const leaves = await reader(topic, { onRecords: (records) => collect(records, values) });
    await until('both to own partitions', () => stays.health().assigned === 2 && leaves.health().assigned === 2);
    await leaves.stop();
    await until('one to own them all', () => stays.health().assigned === 4, 8_000);
    await producer.send(range(20).map((n) => outbound(topic, `k${n}`, String(n))));
    await until('all records', () => new Set(values).size === 20);
  }, 40_000);

  it('fetches on while a group is slow, without losing its membership', async () => {
    const topic = await uniqueTopic(2);
    const groups: number[] = [];
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const subscription = await reader(topic, {
      onRecords: async (records) => {
        groups.push(records.length);
        if (groups.length === 1) await slow;
      },
    });
    await producer.send([outbound(topic, 'a', 'first')]);
    await until('the slow group', () => groups.length === 1);
    for (const n of range(40)) await producer.send([outbound(topic, `k${n}`, String(n))]);
    await until('8 s of slow work, beyond the session of 6 s', () => subscription.health().lagSeconds! > 8);
    release();
    await until('the rest', () => groups.reduce((sum, size) => sum + size, 0) >= 41);
    expect(groups.reduce((sum, size) => sum + size, 0)).toBe(41);
    expect(groups.length).toBeLessThan(10);
  }, 40_000);

  it('reads a topic that goes first beside a backlog, of which nothing is lost and each key stays in order', async () => {
    const [backlog, beginnings] = [await uniqueTopic(3), await uniqueTopic(1)];
    const filler = 'x'.repeat(1_000);
    for (const part of range(6)) {
      const numbers = range(1_000).map((n) => part * 1_000 + n);
      await producer.send(numbers.map((n) => outbound(backlog, `k${n % 7}`, `${n % 7}:${n}:${filler}`)));
    }
    const values: string[] = [];
    await reader(backlog, {
      topics: [backlog, beginnings],
      first: new Set([beginnings]),
      onRecords: async (records) => {
        // Slow enough for the backlog to fill its lane.
        await producer.send([outbound(beginnings, 'a', `begin:${values.length}`)]);
        return collect(records, values);
      },
    });
    const ofBacklog = () => values.filter((value) => !value.startsWith('begin'));
    await until('the whole backlog', () => ofBacklog().length >= 6_000);
    expect(new Set(ofBacklog()).size).toBe(6_000);
    for (const key of range(7)) {
      const ofKey = ofBacklog().filter((value) => value.startsWith(`${key}:`));
      const numbers = ofKey.map((value) => Number(value.split(':')[1]));
      expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
    }
    expect(values.findIndex((value) => value.startsWith('begin'))).toBeLessThan(3_000);
  }, 30_000);

  it('raises an alarm when records were deleted before they were read, and reads on from the oldest one', async () => {
    const topic = await uniqueTopic(1);
    const first = await reader(topic, {});
    await producer.send([outbound(topic, 'k', 'read')]);
    await until('the commit', async () => (await lagOf(topic)) === 0);
    await first.stop();
    await producer.send(range(5).map((n) => outbound(topic, 'k', String(n))));
    await deleteBefore(topic, '4');
    const alarms: object[] = [];
    const values: string[] = [];
    const logger = { ...silent, error: (fields: object) => alarms.push(fields) };
    const skipped: string[] = [];
    await reader(topic, {
      logger,
      onSkipped: (name) => skipped.push(name),
      onRecords: (records) => collect(records, values),
    });
    await until('the records kept', () => values.length === 2);
    expect(values).toEqual(['3', '4']);
    expect(new Set(skipped)).toEqual(new Set([topic]));
    expect(alarms).toContainEqual(
      expect.objectContaining({ alarm: 'OFFSET_OUT_OF_RANGE', committed: '1', start: '4' }),
    );
  }, 30_000);

  it('waits for a topic that is made later instead of dying', async () => {
    const missing = `${await uniqueTopic(1)}-later`;
    const subscription = await reader(missing, {});
    expect(subscription.health().state).toBe('rebuilding');
    const settings = {
      name: missing,
      partitions: 1,
      retentionMs: -1,
      cleanup: 'delete',
      maxMessageBytes: 262_144,
    } as const;
    await admin.createTopics([settings]);
    await until('it to run', () => subscription.health().state === 'running');
  }, 30_000);

  async function reader(topic: string, options: Partial<SubscribeOptions>): Promise<Subscription> {
    const subscription = await subscribe({
      brokers: brokers(),
      groupId: `group-of-${topic}`,
      clientId: 'spec',
      topics: [topic],
      accepts: (type) => type === 'spec.v1.Wanted',
      onRecords: () => Promise.resolve(),
      onFatal: () => undefined,
      logger: silent,
      ...options,
    });
    open.push(subscription);
    return subscription;
  }

  async function lagOf(topic: string): Promise<number> {
    const rows = await admin.lag(`group-of-${topic}`, [topic]);
    return rows.reduce((sum, { lag }) => sum + lag, 0);
  }
});

async function deleteBefore(topic: string, offset: string): Promise<void> {
  const raw = createClient({ brokers: brokers(), clientId: 'spec', logger: silent }).admin();
  await raw.connect();
  await raw.fetchTopicOffsets(topic); // loads the metadata that the next call needs
  await raw.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
  await raw.disconnect();
}

function collect(records: InboundRecord[], values: string[]): Promise<void> {
  values.push(...records.map(({ value }) => String(value)));
  return Promise.resolve();
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

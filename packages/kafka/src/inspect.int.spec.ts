import { KafkaAdmin } from './admin.js';
import { inspect, inspectRanges, type InspectOptions } from './inspect.js';
import { createProducer, type Producer } from './producer.js';
import { brokers, outbound, silent, uniqueTopic, until } from './testing/broker-fixture.js';

interface Place {
  partition: number;
  offset: string;
}

describe('inspect', () => {
  let producer: Producer;
  let admin: KafkaAdmin;

  beforeAll(async () => {
    producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
    admin = await KafkaAdmin.connect({ brokers: brokers(), clientId: 'spec', logger: silent });
  });
  afterAll(async () => {
    await producer.close();
    await admin.close();
  });

  it('ends at what was there, from each starting point', async () => {
    const topic = await uniqueTopic(1);
    await producer.send(['a', 'b'].map((value) => outbound(topic, 'k', value)));
    // The broker's clock counts in milliseconds: the next record must be of a later one.
    const boundary = Date.now() + 2;
    await until('a later millisecond', () => Date.now() > boundary);
    await producer.send([outbound(topic, 'k', 'c')]);
    expect(await read({ topic, from: 'beginning' })).toEqual(['a', 'b', 'c']);
    expect(await read({ topic, from: { offset: '1' } })).toEqual(['b', 'c']);
    expect(await read({ topic, from: { time: new Date(boundary) } })).toEqual(['c']);
    expect(await read({ topic, from: 'latest' })).toEqual([]);
  }, 40_000);

  it('seeks by partition: the last few, an own beginning, an end by offset or time', async () => {
    const topic = await uniqueTopic(2);
    const records = Array.from({ length: 12 }, (_, n) => outbound(topic, String.fromCharCode(97 + n), String(n)));
    await producer.send(records);
    const whole = await placesOf({ topic, from: 'beginning' });
    const of = (partition: number) => whole.filter((place) => place.partition === partition);
    const last = await placesOf({ topic, from: { last: 1 } });
    expect(last.sort(byPartition)).toEqual([of(0).at(-1), of(1).at(-1)]);
    expect(await placesOf({ topic, from: 'beginning', partitions: [1] })).toEqual(of(1));
    const mixed = await placesOf({ topic, from: 'latest', fromPartition: new Map([[0, { offset: '1' }]]) });
    expect(mixed).toEqual(of(0).slice(1));
    expect(await placesOf({ topic, from: 'beginning', to: { offset: '2' }, partitions: [0] })).toEqual(
      of(0).slice(0, 2),
    );
    const boundary = Date.now() + 2;
    await until('a later millisecond', () => Date.now() > boundary);
    await producer.send(records);
    expect((await placesOf({ topic, from: 'beginning', to: { time: new Date(boundary) } })).length).toBe(12);
    await expect(placesOf({ topic, from: 'beginning', partitions: [7] })).rejects.toMatchObject({
      code: 'PARTITION_MISSING',
    });
  }, 60_000);

  it('reads ranges of several topics, and nothing before or after them', async () => {
    const [one, other] = [await uniqueTopic(1), await uniqueTopic(1)];
    await producer.send(
      ['a', 'b', 'c'].flatMap((value) => [outbound(one, 'k', value), outbound(other, 'k', `o${value}`)]),
    );
    const ranges = new Map([
      [one, new Map([[0, { start: 1n, end: 3n }]])],
      [other, new Map([[0, { start: 0n, end: 2n }]])],
    ]);
    const found = new Map([one, other].map((topic) => [topic, [] as string[]]));
    const options = { brokers: brokers(), clientId: 'spec', logger: silent };
    for await (const { topic, value } of inspectRanges(options, ranges)) found.get(topic)!.push(String(value));
    expect([...found.values()]).toEqual([
      ['b', 'c'],
      ['oa', 'ob'],
    ]);
  }, 60_000);

  it('counts what it goes through, asks of each record, and hands on what the asking throws', async () => {
    const topic = await uniqueTopic(1);
    await producer.send(['1', '2', '3'].map((value) => outbound(topic, 'k', value)));
    const scanned = { records: 0, bytes: 0 };
    const found = await read({ topic, from: 'beginning', scanned, accepts: ({ value }) => String(value) === '2' });
    expect(found).toEqual(['2']);
    // key, value, and the header ce_type
    expect(scanned).toEqual({ records: 3, bytes: 3 * (1 + 1 + 'ce_type'.length + 'spec.v1.Wanted'.length) });
    const accepts = (): boolean => {
      throw new Error('no such field');
    };
    await expect(read({ topic, from: 'beginning', accepts })).rejects.toThrow('no such field');
  }, 60_000);

  it('merges the partitions by time when asked to, also where one holds more than is kept', async () => {
    const topic = await uniqueTopic(3);
    const keys = Array.from({ length: 9 }, (_, n) => String.fromCharCode(97 + n));
    await producer.send(Array.from({ length: 2_000 }, (_, n) => outbound(topic, keys[0]!, String(n))));
    for (let round = 0; round < 4; round += 1) {
      const boundary = Date.now() + 2;
      await until('a later millisecond', () => Date.now() > boundary);
      await producer.send(keys.map((key) => outbound(topic, key, `${key}${round}`)));
    }
    const times: number[] = [];
    const partitions = new Set<number>();
    for await (const { partition, timestamp } of inspect({ ...common, topic, from: 'beginning', byTime: true })) {
      times.push(timestamp);
      partitions.add(partition);
    }
    expect(partitions.size).toBeGreaterThan(1);
    expect(times).toHaveLength(2_036);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  }, 30_000);

  it('filters by type and key', async () => {
    const topic = await uniqueTopic(3);
    await producer.send([
      outbound(topic, 'x', '1', 't1'),
      outbound(topic, 'y', '2', 't1'),
      outbound(topic, 'x', '3', 't2'),
    ]);
    expect((await read({ topic, from: 'beginning', types: ['t1'] })).sort()).toEqual(['1', '2']);
    expect((await read({ topic, from: 'beginning', key: 'x' })).sort()).toEqual(['1', '3']);
  }, 30_000);

  it('follows until it is told to end, and leaves no group behind', async () => {
    const topic = await uniqueTopic(2);
    const ending = new AbortController();
    const seen: string[] = [];
    const reading = read({ topic, from: 'latest', follow: true, signal: ending.signal }, seen);
    await until('a record sent after the read began', async () => {
      await producer.send([outbound(topic, 'k', 'live')]);
      return seen.length > 0;
    });
    ending.abort();
    await reading;
    const groups = await admin.groups();
    expect(groups.filter(({ groupId, members }) => groupId.startsWith('towpath-inspect-') && members > 0)).toEqual([]);
  }, 30_000);

  it('holds a bounded number of records when its reader stops early', async () => {
    const topic = await uniqueTopic(1);
    await producer.send(Array.from({ length: 2_000 }, (_, n) => outbound(topic, 'k', String(n))));
    for await (const record of inspect({ ...common, topic, from: 'beginning' })) {
      expect(String(record.value)).toBe('0');
      break;
    }
  }, 30_000);

  it('names a topic that does not exist', async () => {
    await expect(read({ topic: 'no-such-topic', from: 'beginning' })).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
  });

  it('sets topics up once, finds what differs, and never changes a partition count', async () => {
    const name = await uniqueTopic(2);
    const settings = { name, partitions: 3, retentionMs: 60_000, cleanup: 'delete', maxMessageBytes: 1_000 } as const;
    const before = await admin.verifyTopics([settings]);
    expect(before.map(({ code }) => code).sort()).toEqual(['PARTITIONS', 'SETTING', 'SETTING', 'SETTING']);
    expect(await admin.createTopics([settings])).toEqual({ created: [], changed: [name] });
    expect((await admin.verifyTopics([settings])).map(({ code }) => code)).toEqual(['PARTITIONS']);
    expect(await admin.createTopics([{ ...settings, partitions: 2 }])).toEqual({ created: [], changed: [] });
    const missing = await admin.verifyTopics([{ ...settings, name: `${name}-missing` }]);
    expect(missing).toEqual([expect.objectContaining({ code: 'MISSING', fix: 'run `towpath setup`' })]);
  }, 30_000);
});

const common = { clientId: 'spec', logger: silent, brokers: process.env.KAFKA_BROKERS?.split(',') ?? [] };

async function read(options: Omit<InspectOptions, keyof typeof common>, values: string[] = []): Promise<string[]> {
  for await (const { value } of inspect({ ...common, ...options })) values.push(String(value));
  return values;
}

async function placesOf(options: Pick<InspectOptions, 'topic' | 'from'> & Partial<InspectOptions>): Promise<Place[]> {
  const found: Place[] = [];
  for await (const { partition, offset } of inspect({ ...common, ...options })) found.push({ partition, offset });
  return found;
}

function byPartition(one: Place, other: Place): number {
  return one.partition - other.partition;
}

import { randomUUID } from 'node:crypto';
import { createClient } from './client.js';
import { KafkaGroups } from './groups.js';
import { ageSeconds } from './lag-age.js';
import { createProducer } from './producer.js';
import { brokers, outbound, silent, uniqueTopic, until } from './testing/broker-fixture.js';

const options = { brokers: brokers(), clientId: 'spec', logger: silent };

describe('consumer groups', () => {
  let groups: KafkaGroups;
  let topic: string;
  let middle: Date;
  beforeAll(async () => {
    groups = await KafkaGroups.connect(options);
    topic = await uniqueTopic(1);
    const producer = await createProducer(options);
    await producer.send(Array.from({ length: 5 }, (_, n) => outbound(topic, 'k', String(n))));
    const boundary = Date.now() + 2;
    await until('a later millisecond', () => Date.now() > boundary);
    middle = new Date(boundary);
    await producer.send(Array.from({ length: 5 }, (_, n) => outbound(topic, 'k', String(n))));
    await producer.close();
  }, 60_000);
  afterAll(() => groups?.close());

  async function groupAt(offset: string): Promise<string> {
    const groupId = `spec-${randomUUID()}`;
    const admin = createClient(options).admin();
    await admin.connect();
    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset }] });
    await admin.disconnect();
    return groupId;
  }

  it('are moved to an end, an offset, a time or by a shift, within what the topic holds', async () => {
    const places = await groups.places(await groupAt('4'));
    expect(places).toEqual([{ topic, partition: 0, committed: '4', low: '0', high: '10' }]);
    const to = async (target: Parameters<KafkaGroups['movesTo']>[1]) => (await groups.movesTo(places, target))[0]?.to;
    expect(await to('earliest')).toBe('0');
    expect(await to('latest')).toBe('10');
    expect(await to({ offset: '7' })).toBe('7');
    expect(await to({ offset: '700' })).toBe('10');
    expect(await to({ time: middle })).toBe('5');
    expect(await to({ shift: -3n })).toBe('1');
    expect(await to({ shift: -30n })).toBe('0');
    expect(await to({ shift: 2n })).toBe('6');
  }, 30_000);

  it('stand where they were moved', async () => {
    const groupId = await groupAt('4');
    await groups.move(groupId, await groups.movesTo(await groups.places(groupId), 'earliest'));
    expect(await groups.places(groupId)).toMatchObject([{ committed: '0' }]);
    expect((await groups.find(groupId)).members).toEqual([]);
  }, 30_000);

  it('with members are named with them, and never moved', async () => {
    const groupId = await groupAt('4');
    const consumer = createClient({ ...options, clientId: 'reader' }).consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({ autoCommit: false, eachMessage: async () => undefined });
    await until('a stable group', async () => (await groups.find(groupId)).state === 'Stable');
    const group = await groups.find(groupId);
    expect(group.members).toMatchObject([{ clientId: 'reader', reads: { [topic]: [0] } }]);
    const moves = await groups.movesTo(await groups.places(groupId), 'earliest');
    await expect(groups.move(groupId, moves)).rejects.toMatchObject({ code: 'GROUP_ACTIVE' });
    expect(await groups.places(groupId)).toMatchObject([{ committed: '4' }]);
    await consumer.disconnect();
  }, 60_000);

  it('that never were are named as missing', async () => {
    await expect(groups.find(`spec-${randomUUID()}`)).rejects.toMatchObject({ code: 'GROUP_MISSING' });
  });

  it('are as old as their first unread record', async () => {
    expect(await ageSeconds(groups.ageOf(topic), 0, 4n)).toBeLessThan(120);
  });
});

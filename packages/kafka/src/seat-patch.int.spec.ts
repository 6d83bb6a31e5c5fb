import type { Admin, Consumer, Kafka } from 'kafkajs';
import { createClient } from './client.js';
import { joinIn, type Seat } from './seat-patch.js';
import { brokers, silent, uniqueTopic } from './testing/broker-fixture.js';

describe('a seat in a consumer group', () => {
  let kafka: Kafka;
  let admin: Admin;
  const consumers: Consumer[] = [];

  beforeAll(async () => {
    kafka = createClient({ brokers: brokers(), clientId: 'spec', logger: silent });
    admin = kafka.admin();
    await admin.connect();
  });
  afterAll(async () => {
    await Promise.all(consumers.map((consumer) => consumer.disconnect()));
    await admin.disconnect();
  });

  /** Resolves with its member id when a new consumer has joined. */
  async function sitDown(topic: string, seat: Seat): Promise<string> {
    const consumer = kafka.consumer({
      groupId: topic,
      sessionTimeout: 30_000,
      rebalanceTimeout: 30_000,
      maxWaitTimeInMs: 100,
    });
    consumers.push(consumer);
    const joined = new Promise<string>((resolve) =>
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => resolve(payload.memberId)),
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await joinIn(seat, () => consumer.run({ eachMessage: () => Promise.resolve() }));
    return (seat.memberId = await joined);
  }

  async function members(topic: string): Promise<string[]> {
    const { groups } = await admin.describeGroups([topic]);
    return groups[0]!.members.map(({ memberId }) => memberId);
  }

  it('is taken over from one who could not say goodbye, so that the group waits for nobody', async () => {
    const topic = await uniqueTopic(1);
    const seat: Seat = {};
    const first = await sitDown(topic, seat);
    expect(await sitDown(topic, seat)).toBe(first);
    expect(await members(topic)).toEqual([first]);
  }, 20_000);

  it('is free after a goodbye, and a name that the coordinator has forgotten is replaced', async () => {
    const topic = await uniqueTopic(1);
    const seat: Seat = {};
    const first = await sitDown(topic, seat);
    await consumers.at(-1)!.disconnect();
    expect(seat.memberId).toBeUndefined();
    seat.memberId = first;
    const second = await sitDown(topic, seat);
    expect(second).not.toBe(first);
    expect(await members(topic)).toEqual([second]);
  }, 20_000);
});

import { inspect, type InspectedRecord } from './inspect.js';
import { createProducer, type Producer } from './producer.js';
import { brokers, outbound, silent, uniqueTopic } from './testing/broker-fixture.js';

describe('producer', () => {
  let producer: Producer;

  beforeAll(async () => {
    producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
  });
  afterAll(() => producer.close());

  it('lands the records of a key once and in the order they were sent, over calls that run at once', async () => {
    const topic = await uniqueTopic(6);
    const sends = Array.from({ length: 2_000 }, (_, n) => producer.send([outbound(topic, `k${n % 11}`, String(n))]));
    await Promise.all(sends);
    const found = await read(topic);
    expect(found).toHaveLength(2_000);
    for (const key of new Set(found.map((record) => String(record.key)))) {
      const ofKey = found.filter((record) => String(record.key) === key).map(({ value }) => Number(value));
      expect(ofKey).toEqual([...ofKey].sort((one, other) => one - other));
    }
  }, 30_000);

  it("puts a key on the partition where Java's producer puts it", async () => {
    const topic = await uniqueTopic(6);
    await producer.send([outbound(topic, 'pi_123', 'v'), outbound(topic, 'cus_42', 'v')]);
    const found = await read(topic);
    // murmur2 of the key, as `org.apache.kafka.common.utils.Utils` computes it, modulo 6
    const partitions = Object.fromEntries(found.map(({ key, partition }) => [String(key), partition]));
    expect(partitions).toEqual({ pi_123: 3, cus_42: 0 });
  }, 30_000);

  it('refuses only the record that is too large for its topic and goes on', async () => {
    const topic = await uniqueTopic(1, brokers(), { 'max.message.bytes': '50000' });
    const large = outbound(topic, 'a', 'x'.repeat(100_000));
    const [refused, kept] = await Promise.allSettled([
      producer.send([large]),
      producer.send([outbound(topic, 'b', 'kept')]),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'SEND_REFUSED' } });
    expect(kept.status).toBe('fulfilled');
    await producer.send([outbound(topic, 'b', 'later')]);
    expect((await read(topic)).map(({ value }) => String(value))).toEqual(['kept', 'later']);
  }, 30_000);

  it('says so when no broker answers', async () => {
    const options = { brokers: ['127.0.0.1:9'], clientId: 'spec', logger: silent };
    await expect(createProducer(options)).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  }, 60_000);
});

async function read(topic: string): Promise<InspectedRecord[]> {
  const found: InspectedRecord[] = [];
  const options = { brokers: brokers(), clientId: 'spec', logger: silent, topic, from: 'beginning' } as const;
  for await (const record of inspect(options)) found.push(record);
  return found;
}

import { randomUUID } from 'node:crypto';
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';

/** Writes and resets past the platform, as a broken or foreign program would. */
export class RawKafka {
  /** `ce_id`s of everything that was put on a topic here */
  injected = new Set();
  #producer;

  constructor(broker) {
    this.client = new Kafka({
      clientId: 'fault-suite',
      brokers: [broker],
      logLevel: logLevel.NOTHING,
      retry: { retries: 10 },
    });
  }

  /** Sends records to one topic; each gets a `ce_id` of its own unless it has one. */
  async send(topic, records, { compression = CompressionTypes.None } = {}) {
    const producer = await this.#connected();
    const messages = records.map(({ key, value, headers = {}, partition }) => {
      const id = headers.ce_id?.toString() ?? randomUUID();
      if (headers.ce_id === undefined) this.injected.add(id);
      return { key, value, ...(partition === undefined ? {} : { partition }), headers: { ...headers, ce_id: id } };
    });
    await producer.send({ topic, messages, compression, acks: -1 });
    return messages.map(({ headers }) => headers.ce_id);
  }

  /** Writes records in a transaction that is given up. */
  async sendAborted(topic, records) {
    const producer = this.client.producer({
      transactionalId: `fault-suite-${randomUUID()}`,
      maxInFlightRequests: 1,
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: records });
    await transaction.abort();
    await producer.disconnect();
  }

  /** The latest `count` records of each partition, with their bytes. */
  async latest(topic, count) {
    return this.asAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const wanted = new Map(
        ends.map(({ partition, low, high }) => [
          partition,
          { from: Math.max(Number(low), Number(high) - count), to: Number(high) },
        ]),
      );
      const open = new Set([...wanted].filter(([, { from, to }]) => from < to).map(([partition]) => partition));
      if (open.size === 0) return [];
      const records = [];
      const groupId = `fault-suite-${randomUUID()}`;
      const consumer = this.client.consumer({ groupId, sessionTimeout: 6_000, rebalanceTimeout: 3_000 });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise((resolve, reject) => {
        consumer
          .run({
            autoCommit: false,
            eachMessage: async ({ partition, message }) => {
              const { from, to } = wanted.get(partition);
              const offset = Number(message.offset);
              if (offset >= from && offset < to) records.push({ partition, ...message });
              if (offset + 1 >= to) open.delete(partition);
              if (open.size === 0) resolve();
            },
          })
          .catch(reject);
        for (const [partition, { from }] of wanted) consumer.seek({ topic, partition, offset: String(from) });
      });
      await consumer.disconnect();
      await admin.deleteGroups([groupId]).catch(() => undefined);
      return records;
    });
  }

  /** Moves a group that nobody is in: to the beginning, or so many records back on each partition. */
  async rewind(groupId, topic, back) {
    await this.asAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, low, high }) => ({
        partition,
        offset: back === 'beginning' ? low : String(Math.max(Number(low), Number(high) - back)),
      }));
      await admin.setOffsets({ groupId, topic, partitions });
    });
  }

  async asAdmin(work) {
    const admin = this.client.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  async close() {
    await this.#producer?.disconnect().catch(() => undefined);
  }

  async #connected() {
    if (this.#producer) return this.#producer;
    const producer = this.client.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    return (this.#producer = producer);
  }
}

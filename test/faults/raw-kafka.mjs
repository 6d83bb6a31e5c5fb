import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';

/** Below what the smallest topic takes as one batch. */
const BATCH_BYTES_MAX = 200_000;
/** Key and headers of one record, amply. */
const AROUND_BYTES = 2_000;
/** A transaction that nobody ends is given up after it. */
const HELD_BACK_MS_MAX = 300_000;
/** A session is 6 s, and a rebalance waits 3 s. */
const GROUP_EMPTY_MS_MAX = 20_000;

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

  /** Sends records to one topic; each gets a `ce_id` of its own unless it has one. Answers where each
   * partition's part of them begins. */
  async send(topic, records, { compression = CompressionTypes.None } = {}) {
    const producer = await this.#connected();
    const messages = records.map(({ key, value, headers = {}, partition }) => {
      const id = headers.ce_id?.toString() ?? randomUUID();
      if (headers.ce_id === undefined) this.injected.add(id);
      return { key, value, ...(partition === undefined ? {} : { partition }), headers: { ...headers, ce_id: id } };
    });
    const written = [];
    for (const part of inParts(messages)) {
      written.push(...(await producer.send({ topic, messages: part, compression, acks: -1 })));
    }
    return written.map(({ partition, baseOffset }) => ({ topic, partition, offset: Number(baseOffset) }));
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

  /**
   * Opens a transaction on every partition of a topic: who reads what is committed gets nothing that comes behind it, until the function
   * that is answered gives it up.
   */
  async holdBack(topic) {
    const partitions = await this.asAdmin((admin) => admin.fetchTopicOffsets(topic));
    const producer = this.client.producer({
      transactionalId: `fault-suite-${randomUUID()}`,
      maxInFlightRequests: 1,
      idempotent: true,
      transactionTimeout: HELD_BACK_MS_MAX,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({
      topic,
      messages: partitions.map(({ partition }) => ({ partition, value: Buffer.from('held back') })),
    });
    return async () => {
      await transaction.abort();
      await producer.disconnect();
    };
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

  /** Moves a group that nobody is in: to the beginning, or so many records back on each partition. Answers where each ends. */
  async rewind(groupId, topic, back) {
    return this.asAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, low, high }) => ({
        partition,
        offset: back === 'beginning' ? low : String(Math.max(Number(low), Number(high) - back)),
      }));
      await this.untilNobodyIsIn(admin, groupId);
      await admin.setOffsets({ groupId, topic, partitions });
      return new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
    });
  }

  /** Somebody who was killed before is a member until its session is over. */
  async untilNobodyIsIn(admin, groupId) {
    const endsAt = performance.now() + GROUP_EMPTY_MS_MAX;
    for (;;) {
      const { groups } = await admin.describeGroups([groupId]);
      if (['Empty', 'Dead'].includes(groups[0].state)) return;
      if (performance.now() > endsAt) throw new Error(`group ${groupId} is ${groups[0].state} after it was left`);
      await delay(200);
    }
  }

  /** Whether a group has committed up to these ends. */
  async hasRead(groupId, topic, ends) {
    return this.asAdmin(async (admin) => {
      const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return partitions.every(({ partition, offset }) => Number(offset) >= ends.get(partition));
    });
  }

  /** Ids of those who are in each of the groups: a consumer that started anew has another one. */
  async membersOf(groupIds) {
    return this.asAdmin(async (admin) => {
      const { groups } = await admin.describeGroups(groupIds);
      return groups.flatMap(({ members }) => members.map(({ memberId }) => memberId)).sort();
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

/** The messages in their order, as many at once as one batch may hold. */
function inParts(messages) {
  const parts = [];
  let bytes = Infinity;
  for (const message of messages) {
    const size = (message.value?.length ?? 0) + AROUND_BYTES;
    if (bytes + size > BATCH_BYTES_MAX) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1).push(message);
    bytes += size;
  }
  return parts;
}

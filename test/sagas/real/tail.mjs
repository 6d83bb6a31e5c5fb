import { randomUUID } from 'node:crypto';

const TOPICS = /^(orders|commerce|egress|echo|payments|shipping|mail|refunds)\.(events|commands)$/;
const KEPT_MAX = 50_000;

/** Every record of the topics that sagas use, by its `ce_id`, as it went over the wire. */
export class Tail {
  #records = new Map();

  static async open(kafka) {
    const tail = new Tail();
    const groupId = `saga-matrix-${randomUUID()}`;
    tail.consumer = kafka.client.consumer({ groupId, sessionTimeout: 30_000 });
    const topics = await kafka.asAdmin((admin) => admin.listTopics());
    await tail.consumer.connect();
    await tail.consumer.subscribe({ topics: topics.filter((topic) => TOPICS.test(topic)), fromBeginning: true });
    await tail.consumer.run({
      autoCommit: false,
      eachMessage: ({ topic, partition, message }) => {
        const { key, value, headers } = message;
        const id = headers.ce_id?.toString();
        if (id !== undefined && !tail.#records.has(id))
          tail.#records.set(id, { topic, partition, key, value, headers });
        if (tail.#records.size > KEPT_MAX) tail.#records.delete(tail.#records.keys().next().value);
        return Promise.resolve();
      },
    });
    return tail;
  }

  recordOf(id) {
    return this.#records.get(id);
  }

  async close() {
    await this.consumer.disconnect();
  }
}

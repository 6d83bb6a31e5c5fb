import kafkajs from 'kafkajs';

/**
 * An independent consumer (plain kafkajs, a group of its own) that notes when each payment's outcome was fetched.
 * `paymentOf` reads the payment from a record, or undefined when the record is no outcome.
 */
export async function watchArrivals({ brokers, topic, paymentOf }) {
  const kafka = new kafkajs.Kafka({ brokers, clientId: 'bench', logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bench-${process.pid}-${Date.now()}`, maxWaitTimeInMs: 1000, sessionTimeout: 30_000 });
  const arrivedAt = new Map();
  let joined;
  const ready = new Promise((resolve) => (joined = resolve));
  consumer.on(consumer.events.GROUP_JOIN, () => joined());
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: false });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: true,
    partitionsConsumedConcurrently: 6,
    eachBatch: async ({ batch }) => {
      const now = performance.now();
      for (const message of batch.messages) {
        const paymentId = paymentOf(message);
        if (paymentId !== undefined && !arrivedAt.has(paymentId)) arrivedAt.set(paymentId, now);
      }
    },
  });
  await ready;
  return { arrivedAt, close: () => consumer.disconnect() };
}

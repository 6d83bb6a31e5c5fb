import kafkajs from 'kafkajs';

/**
 * An independent consumer (plain kafkajs, a group of its own) that tells `onArrival(paymentId, at)` when the outcome of a
 * payment was fetched. `paymentOf` reads the payment from a record, or undefined when the record is no outcome.
 */
export class Arrivals {
  /** told of each outcome; replaced by each measurement */
  onArrival = () => undefined;

  static async watch({ brokers, topic, paymentOf }) {
    const arrivals = new Arrivals();
    const kafka = new kafkajs.Kafka({ brokers, clientId: 'bench', logLevel: kafkajs.logLevel.ERROR });
    const groupId = `bench-${topic}-${process.pid}-${Date.now()}`;
    const consumer = kafka.consumer({
      groupId,
      maxWaitTimeInMs: 1_000,
      sessionTimeout: 30_000,
      rebalanceTimeout: 3_000,
    });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 6,
      eachBatch: async ({ batch }) => {
        const at = performance.now();
        for (const message of batch.messages) {
          const paymentId = paymentOf(message);
          if (paymentId !== undefined) arrivals.onArrival(paymentId, at);
        }
      },
    });
    await joined;
    arrivals.close = () => consumer.disconnect();
    return arrivals;
  }
}

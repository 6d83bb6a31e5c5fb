import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import pg from 'pg';

/** Names of the bare path's parts; the two services differ in nothing else. */
export const DATABASE = 'bare';
export const SLOT = 'bare_relay';
export const PUBLICATION = 'bare';
export const PARTITIONS = 6;
export const TOPICS = { received: 'bare.received', first: 'bare.first', second: 'bare.second' };

// A floor must not burn a core's share in kafkajs's idle timer, which fires every millisecond.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
const schedule = prototype.scheduleCheckPendingRequests;
prototype.scheduleCheckPendingRequests = function () {
  if (this.pending.length > 0) schedule.call(this);
};

/** A kafkajs client with the settings that were measured to be fastest. */
export function kafka(clientId) {
  const brokers = [process.env['KAFKA_BROKERS']];
  return new kafkajs.Kafka({ brokers, clientId, logLevel: kafkajs.logLevel.ERROR });
}

/** One connection to the bare path's own database. */
export async function postgres() {
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
  await client.connect();
  return client;
}

/** Group send: one request is in flight (acks=all, idempotent), and everything that waits goes into the next. */
export async function groupSender(client) {
  const producer = client.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  let waiting = [];
  let running = false;
  const run = async () => {
    running = true;
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      const byTopic = new Map();
      for (const { topic, message } of group) {
        const messages = byTopic.get(topic);
        if (messages) messages.push(message);
        else byTopic.set(topic, [message]);
      }
      const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
      await producer.sendBatch({ topicMessages, acks: -1 });
      for (const { sent } of group) sent();
    }
    running = false;
  };
  return {
    send: (topic, message, sent) => {
      waiting.push({ topic, message, sent });
      if (!running) run().catch(endProcess);
    },
    close: () => producer.disconnect(),
  };
}

/** The bare path survives nothing: a failure ends the process, and with it the measurement. */
export function endProcess(error) {
  console.error(error);
  process.exit(1);
}

/** Tells the parent that this program is ready, and ends when it asks or is gone. */
export function readyUntilTold(close) {
  const end = () => close().finally(() => process.exit(0));
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  process.send?.('ready');
}

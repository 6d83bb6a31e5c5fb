import { randomUUID } from 'node:crypto';
import { endProcess, kafka, PARTITIONS, postgres, readyUntilTold } from './settings.mjs';

/**
 * A bare service: consume → one transaction (inbox + append) for everything that is there. One transaction is in flight;
 * what arrives meanwhile, over all partitions, goes into the next. A repeated id appends nothing.
 */
const schema = process.env['SCHEMA'];
const topic = process.env['TOPIC'];
const client = await postgres();
const consumer = kafka(`bare-${schema}`).consumer({
  groupId: `bare-${schema}`,
  sessionTimeout: 6_000,
  rebalanceTimeout: 3_000,
  heartbeatInterval: 1_000,
  minBytes: 1,
  maxWaitTimeInMs: 500,
});

const append = {
  name: 'append',
  text: `with seen as (
      insert into ${schema}.inbox (event_id) select distinct unnest($1::text[]) on conflict do nothing returning event_id
    ), fresh as (
      select distinct on (u.event_id) u.* from unnest($1::text[], $2::uuid[], $3::text[], $4::jsonb[]) as u(event_id, id, stream, data)
      join seen using (event_id)
    )
    insert into ${schema}.events (id, stream, version, data) select id, stream, 1, data from fresh on conflict do nothing`,
};

let waiting = [];
let running = false;

async function run() {
  running = true;
  await Promise.resolve();
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    const events = group.map(eventOf);
    const values = [
      events.map(({ causedBy }) => causedBy),
      events.map(({ id }) => id),
      events.map(({ stream }) => stream),
      events.map(({ data }) => data),
    ];
    await client.query({ ...append, values });
  }
  running = false;
}

/** An event of about 1 kB, as a decision with its evidence is. */
function eventOf(message) {
  const body = JSON.parse(message.value.toString());
  const stream = message.key.toString();
  const id = randomUUID();
  const { amount, currency, customer, created, payment_method_details: method } = body.data.object;
  const evidence = SIGNALS.map((name) => ({
    name,
    value: 'ordinary',
    points: 0,
    evidence: `${name} of ${customer} is as before`,
  }));
  const object = { amount, currency, customer, created, payment_intent: stream, payment_method_details: method };
  return {
    id,
    stream,
    causedBy: message.headers['id'].toString(),
    data: JSON.stringify({ id, data: { object }, evidence }),
  };
}

const SIGNALS = ['amount', 'history', 'card', 'customer', 'address', 'country', 'merchant', 'device', 'risk'];

await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
const handled = new Map();
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: false,
  partitionsConsumedConcurrently: PARTITIONS,
  eachBatch: async ({ batch, resolveOffset }) => {
    for (const message of batch.messages) waiting.push(message);
    resolveOffset(batch.lastOffset());
    handled.set(batch.partition, String(BigInt(batch.lastOffset()) + 1n));
    if (!running) run().catch(endProcess);
  },
});
const commits = setInterval(() => {
  if (running || handled.size === 0) return;
  const offsets = [...handled].map(([partition, offset]) => ({ topic, partition, offset }));
  handled.clear();
  consumer.commitOffsets(offsets).catch(() => undefined);
}, 500);
await joined;
readyUntilTold(async () => {
  clearInterval(commits);
  await consumer.disconnect();
  await client.end();
});

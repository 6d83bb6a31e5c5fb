import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { DATABASE, PARTITIONS, PUBLICATION, SLOT, TOPICS } from './bare/settings.mjs';

const tables = (schema) => `
  create schema ${schema};
  create table ${schema}.inbox (event_id text collate "C" primary key, received_at timestamptz not null default clock_timestamp());
  create table ${schema}.events (
    position bigint generated always as identity primary key, id uuid not null unique, stream text collate "C" not null,
    version bigint not null, data jsonb not null, occurred_at timestamptz not null default clock_timestamp(), unique (stream, version)
  );`;

/**
 * The floor that Towpath is compared with: receiver, two services and a relay as four processes of plain fastify, kafkajs
 * and pg, in the same Kafka and Postgres, with their own topics and database.
 */
export class BareSide {
  name = 'bare';
  topic = TOPICS.second;
  processes = new Map();

  constructor({ stack, port, secret }) {
    this.stack = stack;
    this.port = port;
    this.secret = secret;
    const url = new URL(stack.env.ADMIN_DATABASE_URL);
    url.pathname = `/${DATABASE}`;
    this.databaseUrl = url.href;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/webhooks/stripe`;
  }

  /** The last event of each payment is its outcome. */
  paymentOf(message) {
    return String(message.key);
  }

  async setUp() {
    await withClient(this.stack.env.ADMIN_DATABASE_URL, (client) => client.query(`create database ${DATABASE}`));
    await withClient(this.databaseUrl, async (client) => {
      await client.query(`${tables('first')} ${tables('second')}`);
      await client.query(`create publication ${PUBLICATION} for table first.events, second.events`);
    });
    const kafka = new kafkajs.Kafka({ brokers: [this.stack.env.KAFKA_BROKERS], logLevel: kafkajs.logLevel.ERROR });
    const admin = kafka.admin();
    await admin.connect();
    const topics = Object.values(TOPICS).map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 }));
    await admin.createTopics({ topics, waitForLeaders: true });
    await admin.disconnect();
  }

  async start() {
    await withClient(this.databaseUrl, (client) =>
      client.query('select pg_create_logical_replication_slot($1, $2)', [SLOT, 'pgoutput']),
    );
    const service = (schema, topic) => ({ SCHEMA: schema, TOPIC: topic });
    await Promise.all([
      this.fork('relay', 'relay.mjs', {}),
      this.fork('first', 'service.mjs', service('first', TOPICS.received)),
      this.fork('second', 'service.mjs', service('second', TOPICS.first)),
      this.fork('receiver', 'receiver.mjs', { PORT: String(this.port), SECRET: this.secret }),
    ]);
  }

  /** Ends its processes and drops its slot, so that it costs the other side nothing. */
  async stop() {
    const children = [...this.processes.values()];
    this.processes.clear();
    await Promise.all(children.map(end));
    await withClient(this.databaseUrl, (client) =>
      client.query(
        'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active',
        [SLOT],
      ),
    ).catch(() => undefined);
  }

  pids() {
    return Object.fromEntries([...this.processes].map(([name, child]) => [name, child.pid]));
  }

  async fork(name, file, extra) {
    const env = {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      NODE_OPTIONS: '--max-semi-space-size=64',
      KAFKA_BROKERS: this.stack.env.KAFKA_BROKERS,
      DATABASE_URL: this.databaseUrl,
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      ...extra,
    };
    const child = fork(join(import.meta.dirname, 'bare', file), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.processes.set(name, child);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the bare ${name} ended with ${code} while starting`);
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
  }
}

const stopMsMax = 5_000;

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), stopMsMax);
  await ended;
  clearTimeout(hard);
}

async function withClient(connectionString, work) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

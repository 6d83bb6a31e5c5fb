import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { all } from '@towpath/contracts/catalogue';
import { encode } from '@towpath/contracts/codec';
import { streamOf, type Contract } from '@towpath/contracts/contract';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore, StoredEvent } from '@towpath/event-store/types';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { frame } from '@towpath/kafka/wire';
import { newSecret } from '@towpath/sources/keys';
import { SandboxProcess } from './sandbox-process.fixture.js';

const MAIN = resolve(import.meta.dirname, '../dist/main.js');
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const brokers = [process.env['KAFKA_BROKERS'] ?? ''];
const schemaIds = new Map(all().map(({ type }, index) => [type, index + 1]));

/** What sends commands as the relay would; specs alone may. */
interface Sender {
  send(
    records: {
      topic: string;
      key: string;
      value: Buffer;
      headers: Record<string, string>;
    }[],
  ): Promise<unknown>;
  close(): Promise<void>;
}
type Connect = (options: { brokers: string[]; clientId: string; logger: typeof quiet }) => Promise<Sender>;

/** The built egress as a process of its own on the real Kafka, registry and Postgres, with a sandbox of its own. */
export class EgressWorld {
  port = 0;
  private egress: ChildProcess | undefined;
  private output = '';

  private constructor(
    private readonly database: SpecDatabase,
    readonly store: EventStore,
    private readonly producer: Sender,
    readonly sandbox: SandboxProcess,
    private readonly hookSecret: string,
  ) {}

  static async open(connect: Connect): Promise<EgressWorld> {
    const database = await createSpecDatabase();
    const schemas = all().map(({ type, topic }) => ({
      ...{ type, subject: `${topic}-${type}`, topicTemplate: topic },
      schemaId: schemaIds.get(type) ?? 0,
    }));
    await setupDatabase({
      adminUrl: database.adminUrl,
      services: ['egress'],
      contracts: all(),
      passwords: { egress_service: 'spec' },
      schemas,
      slot: null,
    });
    const store = openStore({ url: database.urlOf('egress_service'), schema: 'egress' });
    const admin = await KafkaAdmin.connect({ brokers, clientId: 'egress-spec', logger: quiet });
    await admin.createTopics();
    await admin.close();
    const producer = await connect({ brokers, clientId: 'egress-spec', logger: quiet });
    const hookSecret = newSecret();
    const sandbox = await SandboxProcess.start({ SANDBOX_HOOK_SECRET: hookSecret });
    return new EgressWorld(database, store, producer, sandbox, hookSecret);
  }

  async close(): Promise<void> {
    await this.end('SIGKILL');
    await this.producer.close();
    await this.sandbox.stop();
    await this.store.close();
    await this.database.drop();
  }

  async start(settings: NodeJS.ProcessEnv = {}): Promise<void> {
    const { sandbox, database, hookSecret } = this;
    this.port = await freePort();
    const env = {
      PATH: process.env['PATH'],
      KAFKA_BROKERS: brokers.join(','),
      REGISTRY_URL: process.env['REGISTRY_URL'],
      DATABASE_URL: database.urlOf('egress_service'),
      STRIPE_HOST: sandbox.origin,
      SANDBOX_URL: sandbox.origin,
      SMTP_URL: `smtp://127.0.0.1:${sandbox.smtpPort}`,
      HOOK_ENDPOINTS: JSON.stringify({ acme: { url: `${sandbox.origin}/hooks/acme`, secrets: [hookSecret] } }),
      PORT: String(this.port),
      LOG_LEVEL: 'warn',
      ...settings,
    };
    this.output = '';
    this.egress = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.egress.stdout, this.egress.stderr])
      stream?.on('data', (chunk) => (this.output += String(chunk)));
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const { egress } = this;
    if (!egress || egress.exitCode !== null || egress.signalCode !== null) return;
    const ended = new Promise((done) => egress.once('exit', done));
    egress.kill(signal);
    await ended;
  }

  /** Publishes a command as the relay would; its `ce_id`. */
  async command<T extends object>(contract: Contract<T>, data: T, id: string = randomUUID()): Promise<string> {
    const key = String((data as Record<string, unknown>)[contract.key]);
    const headers = {
      ce_id: id,
      ce_source: '/services/fraud',
      ce_specversion: '1.0',
      ce_type: contract.type,
      ce_time: new Date().toISOString(),
      ce_subject: key,
      ce_correlationid: `story-${id}`,
      ce_causationid: id,
      ce_hops: '2',
      ce_path: '',
      ce_stream: streamOf(contract, data),
      ce_sequence: '1',
      'content-type': 'application/avro',
    };
    const value = frame(schemaIds.get(contract.type) ?? 0, encode(contract, data));
    await this.producer.send([{ topic: contract.topic, key, value, headers }]);
    return id;
  }

  /** Names of the events of a subject's effects, in their order. */
  async typesOf(subject: string): Promise<string[]> {
    const rows = await this.store.query<{ type: string }>(
      'spec_types',
      `select type from events where stream in (select stream from events where data->>'subjectId' = $1 or data->>'paymentId' = $1) order by position`,
      [subject],
    );
    return rows.map(({ type }) => type.split('.').at(-1) ?? '');
  }

  /** The events of an effect. */
  eventsOf(effectId: string): Promise<StoredEvent[]> {
    return this.store.read(`effect-${effectId}`);
  }

  async effectOf(subject: string): Promise<string> {
    const [row] = await this.store.query<{ id: string }>(
      'spec_effect',
      `select data->>'effectId' as id from events where data->>'subjectId' = $1 limit 1`,
      [subject],
    );
    return row?.id ?? '';
  }

  async until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
    const deadline = Date.now() + 40_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`${what} did not come; egress said: ${this.output.slice(-3_000)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

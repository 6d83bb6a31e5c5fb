import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { freePorts } from '@towpath/stack/ports';
import { startStack, type Stack } from '@towpath/stack/stack';
import { RelayWorld, until } from './relay-world.fixture.js';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Postgres is really set back: a copy of its data directory takes the place of the later one. Broker and server are its own. */
describe('the relay after the database was restored to an earlier time', () => {
  const home = join(process.env['TOWPATH_HOME'] ?? '.towpath-test', `relay-restore-${process.pid}`);
  const data = join(home, 'postgres', 'data');
  const copy = join(home, 'postgres', 'copy');
  let stack: Stack;
  let world: RelayWorld;
  let port: number;

  beforeAll(async () => {
    const ports = await freePorts();
    port = ports.cdc;
    stack = await startStack({ home, ports, parts: ['kafka', 'postgres'] });
    const options = { brokers: [stack.env.KAFKA_BROKERS], clientId: 'relay-spec', logger: quiet };
    const admin = await KafkaAdmin.connect(options);
    await admin.createTopics();
    await admin.close();
  }, 120_000);

  beforeEach(async () => {
    world = await RelayWorld.create(stack.env.ADMIN_DATABASE_URL, stack.env.KAFKA_BROKERS);
  }, 30_000);

  afterEach(async () => {
    await world.close();
  }, 30_000);

  afterAll(async () => {
    await stack?.stop();
  }, 30_000);

  async function published(count: number): Promise<void> {
    await until('the records', async () => (await world.published()).length >= count);
  }

  /** Runs while the server is down, because only then its files are a consistent copy. */
  async function whileStopped(change: () => void): Promise<void> {
    await world.admin.end();
    const pid = stack.pids.postgres ?? 0;
    stack.kill('postgres', 'SIGINT');
    await until('the server to end', () => !isAlive(pid));
    change();
    await stack.restart('postgres');
    await world.reconnect();
  }

  async function backUp(): Promise<void> {
    // With owners and modes, which Postgres insists on.
    await whileStopped(() => execFileSync('cp', ['-a', data, copy]));
  }

  async function restore(): Promise<void> {
    await whileStopped(() => {
      rmSync(data, { recursive: true });
      renameSync(copy, data);
    });
  }

  it('publishes on within 5 s of a mere restart of the server', async () => {
    world.startRelay(port, home);
    await world.append(20, 3);
    await published(20);
    await whileStopped(() => undefined);
    const since = Date.now();
    await until('the stream', () => isReady(port));
    expect(Date.now() - since).toBeLessThan(5_000);
    await world.append(5, 3);
    await world.expectAllPublishedInOrder();
    expect(await behind()).toBeNull();
  }, 120_000);

  it('sees that the topics are ahead, publishes nothing, and says what is missing by topic and stream', async () => {
    const relay = world.startRelay(port, home);
    await world.append(20, 2);
    await published(20);
    await world.kill(relay, 'SIGTERM');
    await backUp();
    const later = world.startRelay(port, home);
    await world.append(9, 2);
    await published(29);
    await world.kill(later, 'SIGTERM');
    await restore();
    // In the place of a lost event, as a service that went on deciding would put it.
    await world.append(1, 1);
    world.startRelay(port, home);
    await until('the refusal', async () => (await behind()) !== null);
    expect(await behind()).toMatchObject({
      events: 9,
      diverged: 1,
      topics: { 'reviews.events': 9 },
      streams: [
        {
          topic: 'reviews.events',
          schema: world.name,
          stream: `review-${world.name}-0`,
          first: 11,
          last: 15,
          missing: 4,
          diverged: 1,
        },
        {
          topic: 'reviews.events',
          schema: world.name,
          stream: `review-${world.name}-1`,
          first: 11,
          last: 14,
          missing: 4,
          diverged: 0,
        },
      ],
    });
    expect(await answerOf(port, '/readyz')).toContain('STORE_BEHIND_TOPICS');
    expect(await answerOf(port, '/metrics')).toMatch(/towpath_relay_store_behind_events\S* 9\b/);
    expect((await world.published()).length).toBe(29);
  }, 180_000);

  async function behind(): Promise<unknown> {
    const { rows } = await world.admin.query<{ behind: unknown }>('select behind from cdc.progress where slot = $1', [
      world.name,
    ]);
    return rows[0]?.behind ?? null;
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isReady(port: number): Promise<boolean> {
  return (await answerOf(port, '/readyz')).includes('"ready":true');
}

function answerOf(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, timeout: 2_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('error', reject);
  });
}

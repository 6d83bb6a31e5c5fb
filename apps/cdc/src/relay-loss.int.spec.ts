import { join } from 'node:path';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { freePorts } from '@towpath/stack/ports';
import { startStack, type Stack } from '@towpath/stack/stack';
import { RelayWorld, until } from './relay-world.fixture.js';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const streams = 12;

/**
 * The broker is a real one of this spec's own, because the shared one must not be taken down under other specs. The relay
 * runs as a process of its own.
 */
describe('the relay while Kafka is down', () => {
  const home = join(process.env['TOWPATH_HOME'] ?? '.towpath-test', `relay-loss-${process.pid}`);
  let stack: Stack;
  let world: RelayWorld;
  let port: number;

  beforeAll(async () => {
    const ports = await freePorts();
    port = ports.cdc;
    stack = await startStack({ home, ports, parts: ['kafka'] });
    const admin = await KafkaAdmin.connect({
      brokers: [stack.env.KAFKA_BROKERS],
      clientId: 'relay-spec',
      logger: quiet,
    });
    await admin.createTopics();
    await admin.close();
  }, 120_000);

  beforeEach(async () => {
    world = await RelayWorld.create(process.env['ADMIN_DATABASE_URL'] ?? '', stack.env.KAFKA_BROKERS);
  }, 30_000);

  afterEach(async () => {
    await world.close();
  }, 30_000);

  afterAll(async () => {
    await stack?.stop();
  }, 30_000);

  it('loses no row and no order when it is killed again and again', async () => {
    let relay = world.startRelay(port, home);
    await until('the stream', () => world.isStreaming());
    await world.append(200, streams);
    stack.kill('kafka', 'SIGKILL');
    await world.append(200, streams);
    await world.statusAfterNow();
    await world.kill(relay);
    relay = world.startRelay(port, home);
    await world.append(200, streams);
    await world.kill(relay);
    relay = world.startRelay(port, home);
    await stack.restart('kafka');
    await until('the stream', () => world.isStreaming());
    const appended = world.append(400, streams);
    await until('some rows after the outage', async () => (await world.published()).length > 250, 60_000);
    await world.kill(relay);
    world.startRelay(port, home);
    await appended;
    await world.expectAllPublishedInOrder();
  }, 180_000);

  it('loses no row and no order when its connection is cut again and again', async () => {
    world.startRelay(port, home);
    await until('the stream', () => world.isStreaming());
    await world.append(200, streams);
    stack.kill('kafka', 'SIGKILL');
    for (let cut = 0; cut < 3; cut += 1) {
      await world.append(100, streams);
      await until('the stream', () => world.isStreaming());
      await world.statusAfterNow();
      await until('a connection to cut', async () => (await world.cutReplication()) > 0);
    }
    await world.append(100, streams);
    await stack.restart('kafka');
    const appended = world.append(400, streams);
    await until('a connection to cut', async () => (await world.cutReplication()) > 0);
    await appended;
    await world.expectAllPublishedInOrder();
  }, 180_000);
});

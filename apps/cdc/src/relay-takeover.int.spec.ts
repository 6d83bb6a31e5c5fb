import http from 'node:http';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { freePorts } from '@towpath/stack/ports';
import { startStack, type Stack } from '@towpath/stack/stack';
import { CuttableProxy } from './cuttable-proxy.fixture.js';
import { RelayWorld, until } from './relay-world.fixture.js';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const takeoverMsMax = 5_000;

interface Running {
  readonly port: number;
  readonly child: ChildProcess;
}

/** Two relays as processes of their own, on a broker of this spec's own: it is stopped to hold a request on its way. */
describe('a standby relay', () => {
  const home = join(process.env['TOWPATH_HOME'] ?? '.towpath-test', `relay-takeover-${process.pid}`);
  let stack: Stack;
  let world: RelayWorld;
  let ports: number[];
  let proxy: CuttableProxy | undefined;

  beforeAll(async () => {
    const all = await freePorts();
    ports = [all.cdc, all.triage];
    stack = await startStack({ home, ports: all, parts: ['kafka'] });
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
    proxy?.close();
    await world.close();
  }, 30_000);

  afterAll(async () => {
    stack?.kill('kafka', 'SIGCONT');
    await stack?.stop();
  }, 30_000);

  function start(port = ports[0] ?? 0, environment = {}): Running {
    return { port, child: world.startRelay(port, home, environment) };
  }

  async function startBoth(): Promise<[Running, Running]> {
    const active = start(ports[0]);
    await until('an active relay', () => isReady(active));
    const standby = start(ports[1]);
    await until('a standby', () => standsBy(standby));
    return [active, standby];
  }

  /** Milliseconds from `since` until the standby publishes. */
  async function expectTakeover(standby: Running, since: number): Promise<void> {
    await until('the takeover', () => isReady(standby), 20_000);
    expect(Date.now() - since).toBeLessThan(takeoverMsMax);
  }

  it('takes over in 5 s from one that is killed', async () => {
    let [active, standby] = await startBoth();
    for (let round = 0; round < 3; round += 1) {
      const appended = world.append(200, 6);
      await world.kill(active.child);
      await expectTakeover(standby, Date.now());
      await appended;
      await world.expectAllPublishedInOrder();
      [active, standby] = [standby, start(active.port)];
      const next = standby;
      await until('a standby', () => standsBy(next));
    }
  }, 180_000);

  it('takes over in 5 s from one that the network cut off, which then sends nothing', async () => {
    proxy = await CuttableProxy.to(Number(new URL(world.relayUrl).port));
    const url = Object.assign(new URL(world.relayUrl), { port: String(proxy.port) });
    const active = start(ports[0], { DATABASE_URL: url.href });
    await until('an active relay', () => isReady(active));
    const standby = start(ports[1]);
    await until('a standby', () => standsBy(standby));
    await world.append(50, 6);
    proxy.cutOff();
    const appended = world.append(200, 6);
    await expectTakeover(standby, Date.now());
    await appended;
    await world.expectAllPublishedInOrder();
    expect(await isReady(active)).toBe(false);
  }, 120_000);

  it('takes over in 5 s from a stopped one, which sends nothing when it goes on, also not what was on its way', async () => {
    let [active, standby] = await startBoth();
    for (let round = 0; round < 4; round += 1) {
      const onItsWay = round % 2 === 0;
      // A stopped broker reads nothing: its socket fills, and the rest of the request waits within the relay.
      if (onItsWay) stack.kill('kafka', 'SIGSTOP');
      const appended = world.appendLarge(400);
      if (onItsWay) await appended;
      active.child.kill('SIGSTOP');
      const stoppedAt = Date.now();
      if (onItsWay) stack.kill('kafka', 'SIGCONT');
      await appended;
      await expectTakeover(standby, stoppedAt);
      await world.expectAllPublishedInOrder();
      const before = await world.published();
      active.child.kill('SIGCONT');
      const revived = active;
      await until('the revived one to stand by', () => standsBy(revived));
      await world.append(1, 1);
      await world.expectAllPublishedInOrder();
      expect((await world.published()).length).toBe(before.length + 1);
      [active, standby] = [standby, active];
    }
  }, 300_000);
});

function readiness({ port }: Running): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/readyz', timeout: 500 }, (response) => {
      let text = String(response.statusCode);
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    request.on('error', () => resolve(''));
    request.on('timeout', () => request.destroy());
  });
}

async function isReady(relay: Running): Promise<boolean> {
  return (await readiness(relay)).startsWith('200');
}

async function standsBy(relay: Running): Promise<boolean> {
  return (await readiness(relay)).includes('LEASE_HELD');
}

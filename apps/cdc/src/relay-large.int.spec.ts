import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { freePorts } from '@towpath/stack/ports';
import { FakeKafka } from './fake-kafka.fixture.js';
import { RelayWorld, until } from './relay-world.fixture.js';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const rows = 100_000;
/** All rows at once would need more heap than this. */
const heapMbMax = 96;
/** With code, buffers outside the heap and what the collector leaves behind. */
const relayMbMax = 320;

describe('a transaction of 100,000 rows', () => {
  let world: RelayWorld;

  beforeAll(async () => {
    const brokers = [process.env['KAFKA_BROKERS'] ?? ''];
    const admin = await KafkaAdmin.connect({ brokers, clientId: 'relay-spec', logger: quiet });
    await admin.createTopics();
    await admin.close();
  }, 60_000);

  beforeEach(async () => {
    world = await RelayWorld.create(process.env['ADMIN_DATABASE_URL'] ?? '', process.env['KAFKA_BROKERS'] ?? '');
  }, 60_000);

  afterEach(async () => {
    await world.close();
  }, 60_000);

  it('goes through a relay process in bounded memory, no row lost, merged or out of order', async () => {
    const home = join(process.env['TOWPATH_HOME'] ?? '.towpath-test', `relay-large-${process.pid}`);
    const { cdc } = await freePorts();
    const child = world.startRelay(cdc, home, { NODE_OPTIONS: `--max-old-space-size=${heapMbMax}` });
    await until('the stream', () => world.isStreaming());
    await world.insertMany(rows, 200);
    await world.expectConfirmed(150_000);
    const firsts = [...new Set((await world.published()).map(({ version }) => version))];
    expect(firsts).toEqual(Array.from({ length: rows }, (_, index) => index + 1));
    const peakKb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
    expect(Number(peakKb) / 1_024).toBeLessThan(relayMbMax);
  }, 240_000);

  it('keeps several events of one commit apart, each with its own id and version', async () => {
    const kafka = new FakeKafka();
    const relay = world.relay('one', kafka.send);
    relay.start();
    await until('the stream', () => relay.notReady() === undefined);
    await world.store.append([world.event('r1'), world.event('r1'), world.event('r2'), world.event('r1')]);
    await until('the records', () => kafka.records.length >= 4);
    expect(kafka.versionsOf('r1')).toEqual(['1', '2', '3']);
    expect(kafka.versionsOf('r2')).toEqual(['1']);
    expect(new Set(kafka.records.map(({ headers }) => headers['ce_id'])).size).toBe(4);
    await relay.stop();
  }, 60_000);
});

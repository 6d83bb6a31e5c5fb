import { join } from 'node:path';
import pg from 'pg';
import { freePorts } from '@towpath/stack/ports';
import { startStack, type Stack } from '@towpath/stack/stack';
import { FakeKafka } from './fake-kafka.fixture.js';
import type { Relay } from './relay.js';
import { RelayWorld, until } from './relay-world.fixture.js';

/** On a server of its own, because its settings decide what becomes of a slot. */
describe('the relay after its slot was lost', () => {
  const home = join(process.env['TOWPATH_HOME'] ?? '.towpath-test', `relay-catch-up-${process.pid}`);
  let stack: Stack;
  let world: RelayWorld;
  let kafka: FakeKafka;
  let relays: Relay[];

  beforeAll(async () => {
    stack = await startStack({ home, ports: await freePorts(), parts: ['postgres'] });
  }, 120_000);

  beforeEach(async () => {
    world = await RelayWorld.create(stack.env.ADMIN_DATABASE_URL, 'unused:9092');
    kafka = new FakeKafka();
    relays = [];
  }, 60_000);

  afterEach(async () => {
    kafka.open();
    for (const relay of relays) await relay.stop();
    await world.close();
  }, 60_000);

  afterAll(async () => {
    await stack?.stop();
  }, 30_000);

  function launch(): Relay {
    const relay = world.relay(`holder-${relays.length}`, kafka.send);
    relays.push(relay);
    relay.start();
    return relay;
  }

  async function start(): Promise<Relay> {
    const relay = launch();
    await until('the stream', () => relay.notReady() === undefined);
    return relay;
  }

  async function appendTo(reviewId: string, count: number, store = world.store): Promise<void> {
    for (let i = 0; i < count; i += 1) await store.append([world.event(reviewId)]);
  }

  function numbers(count: number): string[] {
    return Array.from({ length: count }, (_, index) => String(index + 1));
  }

  it('publishes what no slot holds any more, from every store, and then what follows', async () => {
    const first = await start();
    await appendTo('r1', 3);
    await until('the rows before', () => kafka.records.length === 3);
    await first.stop();
    await appendTo('r1', 3);
    await appendTo('other', 2, world.other);
    await world.dropSlot();
    await appendTo('r1', 3);
    const second = await start();
    await appendTo('r1', 1);
    await until('all rows', () => kafka.firstVersionsOf('r1').length === 10);
    expect(kafka.firstVersionsOf('r1')).toEqual(numbers(10));
    expect(kafka.versionsOf('other')).toEqual(['1', '2']);
    expect(second.state().catchingUp).toBe(false);
  }, 60_000);

  it('publishes everything when nothing was ever recorded as safe', async () => {
    await appendTo('r1', 5);
    await world.dropSlot();
    await start();
    await until('all rows', () => kafka.records.length === 5);
    expect(kafka.versionsOf('r1')).toEqual(numbers(5));
  }, 60_000);

  it('misses no transaction that was open, with lower positions than published ones, when the slot went', async () => {
    const first = await start();
    const late = new pg.Client({ connectionString: world.relayUrl.split('?')[0] });
    await late.connect();
    await late.query('begin');
    await late.query(insertText(world.name), ['review-late', 1]);
    await appendTo('r1', 3);
    await until('rows with higher positions', () => kafka.records.length === 3);
    await first.stop();
    await world.dropSlot();
    await late.query('commit');
    await late.end();
    await start();
    await until('the late row', () => kafka.versionsOf('late').length === 1);
    expect(kafka.firstVersionsOf('r1')).toEqual(numbers(3));
  }, 60_000);

  it.each(['max_slot_wal_keep_size', 'idle_replication_slot_timeout'])(
    'catches up when Postgres has given the slot up for %s',
    async (setting) => {
      const first = await start();
      await appendTo('r1', 2);
      await until('the rows before', () => kafka.records.length === 2);
      await first.stop();
      await appendTo('r1', 4);
      await configure(setting, setting.startsWith('max') ? '16MB' : '1s');
      await until('the slot to be lost', async () => {
        await world.admin.query("select pg_logical_emit_message(true, 'fill', repeat('x', 5000000)), pg_switch_wal()");
        await world.admin.query('checkpoint');
        return (await walStatus()) === 'lost';
      });
      await configure(setting, undefined);
      await start();
      await until('all rows', () => kafka.firstVersionsOf('r1').length === 6);
      expect(kafka.firstVersionsOf('r1')).toEqual(numbers(6));
      expect(await walStatus()).toBe('reserved');
    },
    120_000,
  );

  it('goes on where it was when it is killed on the way, also with what was committed since', async () => {
    await world.insertMany(5_000, 10);
    await world.dropSlot();
    const send = kafka.send;
    kafka.send = async (records) => {
      if (kafka.records.length >= 3_000) kafka.close();
      await send(records);
    };
    const first = launch();
    await until('a part', () => kafka.records.length >= 3_000);
    expect(first.notReady()).toContain('catching up after SLOT_LOST');
    expect(first.state().catchingUp).toBe(true);
    const stopped = first.stop();
    kafka.send = send;
    kafka.open();
    await stopped;
    await appendTo('r1', 2);
    await start();
    await until(
      'all rows',
      () => kafka.firstVersionsOf('many').length === 5_000 && kafka.versionsOf('r1').length === 2,
    );
    expect(kafka.firstVersionsOf('many')).toEqual(numbers(5_000));
    // Two pages at most: the one that was on its way, and the one whose progress was not stored.
    expect(kafka.records.length).toBeLessThanOrEqual(5_002 + 2_000);
  }, 90_000);

  it('leaves parked streams parked', async () => {
    const first = await start();
    await world.admin.query(insertText(world.name, 'payments.v1.CapturePayment'), ['review-bad', 1]);
    await until('a parked row', async () => (await parkedVersions()).length === 1);
    await first.stop();
    await appendTo('bad', 1);
    await world.dropSlot();
    await start();
    await appendTo('good', 1);
    await until('the other stream', () => kafka.versionsOf('good').length === 1);
    expect(await parkedVersions()).toEqual(['1', '2']);
    expect(kafka.versionsOf('bad')).toEqual([]);
  }, 60_000);

  async function parkedVersions(): Promise<string[]> {
    const { rows } = await world.admin.query<{ version: string }>(
      'select version from cdc.parked where released_at is null order by version',
    );
    return rows.map(({ version }) => version);
  }

  async function walStatus(): Promise<string | undefined> {
    const { rows } = await world.admin.query<{ wal_status: string }>(
      'select wal_status from pg_replication_slots where slot_name = $1',
      [world.name],
    );
    return rows[0]?.wal_status;
  }

  async function configure(setting: string, value: string | undefined): Promise<void> {
    await world.admin.query(
      value === undefined ? `alter system reset ${setting}` : `alter system set ${setting} = '${value}'`,
    );
    await world.admin.query('select pg_reload_conf()');
  }
});

/** An event past the append function: $1 stream, $2 version. */
function insertText(schema: string, type = 'platform.v1.ReviewRequested'): string {
  return `insert into ${schema}.events (stream, version, id, type, kind, data, metadata, digest, hash, occurred_at)
    values ($1, $2, gen_random_uuid(), '${type}', 'event',
      jsonb_build_object('reviewId', substr($1, 8), 'subjectType', 'payment', 'subjectId', 'pi', 'reason', 'x', 'dueAt', null),
      '{}', sha256('x'), sha256('y'), now())`;
}

import pg from 'pg';
import { openInspector } from '@towpath/event-store/inspect';
import { parkedStreams, requestRelease } from '@towpath/event-store/parked';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { FakeKafka } from './fake-kafka.fixture.js';
import type { Relay } from './relay.js';
import { RelayWorld, until } from './relay-world.fixture.js';

describe('Relay', () => {
  let world: RelayWorld;
  let kafka: FakeKafka;
  let relays: Relay[];

  beforeEach(async () => {
    world = await RelayWorld.create(process.env['ADMIN_DATABASE_URL'] ?? '', 'unused:9092');
    kafka = new FakeKafka();
    relays = [];
  }, 60_000);

  afterEach(async () => {
    kafka.open();
    for (const relay of relays) await relay.stop();
    await world.close();
  }, 60_000);

  async function start(holder = 'one', bufferBytesMax?: number): Promise<Relay> {
    const relay = world.relay(holder, kafka.send, bufferBytesMax);
    relays.push(relay);
    relay.start();
    await until('the stream', () => relay.notReady() === undefined);
    return relay;
  }

  async function appendTo(reviewId: string, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await world.store.append([world.event(reviewId)]);
  }

  it('publishes what was committed, also before it started, and nothing that was rolled back', async () => {
    await appendTo('r1', 2);
    await start();
    await expect(world.store.append([{ ...world.event('r1'), expectedVersion: 9 }])).rejects.toThrow();
    await appendTo('r1', 1);
    await until('three records', () => kafka.records.length === 3);
    expect(kafka.versionsOf('r1')).toEqual(['1', '2', '3']);
    expect(kafka.records[0]?.headers['ce_source']).toBe(`/services/${world.name}`);
  }, 60_000);

  it('parks what it can not publish with all later versions of its stream, and releases them in order', async () => {
    const { rows } = await world.admin.query<{ schema_id: number }>(
      'update towpath.schemas set type = $2 where type = $1 returning schema_id',
      [ReviewRequested.type, 'elsewhere'],
    );
    expect(rows).toHaveLength(1);
    await appendTo('r1', 2);
    await start();
    await appendTo('r1', 9);
    await until('the parked rows', async () => (await parked()).length === 11);
    expect((await parked()).slice(0, 3)).toEqual(['1 SCHEMA_ID_MISSING', '2 BEHIND_PARKED', '3 BEHIND_PARKED']);
    expect(kafka.records).toEqual([]);
    await world.admin.query('update towpath.schemas set type = $1 where type = $2', [
      ReviewRequested.type,
      'elsewhere',
    ]);
    const inspector = openInspector({ url: adminUrlOf(world) });
    const listed = await parkedStreams(inspector);
    await inspector.close();
    expect(listed).toMatchObject([{ stream: 'review-r1', events: 11, firstVersion: 1, releaseAskedBy: null }]);
    await requestRelease(world.relayUrl, world.name, 'review-r1', 'a person');
    await until('the release', async () => (await parked()).length === 0);
    await appendTo('r1', 1);
    await until('all records', () => kafka.records.length === 12);
    expect(kafka.versionsOf('r1')).toEqual(Array.from({ length: 12 }, (_, index) => String(index + 1)));
  }, 60_000);

  it('remembers parked streams over a restart, and lets others flow', async () => {
    const first = await start();
    await world.admin.query(
      `insert into ${world.name}.events (stream, version, id, type, kind, data, metadata, digest, hash, occurred_at)
       values ('review-bad', 1, gen_random_uuid(), 'payments.v1.CapturePayment', 'command', '{}', '{}', sha256('x'), sha256('y'), now())`,
    );
    await until('a parked row', async () => (await parked()).length === 1);
    expect(await parked()).toEqual(['1 PRODUCER_NOT_ALLOWED']);
    await first.stop();
    await start();
    await appendTo('bad', 1);
    await appendTo('good', 1);
    await until('the later version', async () => (await parked()).length === 2);
    await until('the other stream', () => kafka.versionsOf('good').length === 1);
    expect(kafka.versionsOf('bad')).toEqual([]);
  }, 60_000);

  it('lets only one relay publish, and the other take over without a gap', async () => {
    const first = await start('one');
    const second = world.relay('two', kafka.send);
    relays.push(second);
    second.start();
    await until('a standby', () => second.notReady()?.startsWith('LEASE_HELD') ?? false);
    await appendTo('r1', 5);
    await until('five records', () => kafka.records.length === 5);
    expect(second.state().streaming).toBe(false);
    await first.stop();
    await appendTo('r1', 5);
    await until('ten records', () => new Set(kafka.versionsOf('r1')).size === 10);
    expect(second.notReady()).toBeUndefined();
  }, 60_000);

  it('never confirms what Kafka has not acknowledged', async () => {
    await start();
    kafka.close();
    const before = await position('pg_current_wal_lsn()');
    await appendTo('r1', 3);
    const beats = await position('(select updated_at::text from cdc.progress)');
    await until(
      'two more beats',
      async () => (await position('(select max(beat_at)::text from cdc.heartbeat)')) > beats,
    );
    const { rows } = await world.admin.query<{ passed: boolean }>(
      'select confirmed_flush_lsn > $2::pg_lsn as passed from pg_replication_slots where slot_name = $1',
      [world.name, before],
    );
    expect(rows[0]?.passed).toBe(false);
    kafka.open();
    await until('the confirmation', async () => {
      const { rowCount } = await world.admin.query(
        'select from pg_replication_slots where slot_name = $1 and confirmed_flush_lsn > $2::pg_lsn',
        [world.name, before],
      );
      return rowCount === 1;
    });
    expect(kafka.versionsOf('r1')).toEqual(['1', '2', '3']);
  }, 60_000);

  it('makes no transaction safe that is still open', async () => {
    await start();
    const writer = new pg.Client({ connectionString: adminUrlOf(world) });
    await writer.connect();
    await writer.query('begin');
    const opened = await writer.query<{ xid: string }>('select pg_current_xact_id()::text as xid');
    const xid = BigInt(opened.rows[0]?.xid ?? 0);
    await appendTo('r1', 3);
    await until('a safe id', async () => (await safeXid()) === xid);
    await writer.query('commit');
    await writer.end();
    await until('a later safe id', async () => (await safeXid()) > xid);
    expect(kafka.versionsOf('r1')).toEqual(['1', '2', '3']);
  }, 60_000);

  it('keeps its memory bounded and its connection alive while Kafka does not answer', async () => {
    const bufferBytesMax = 1_000_000;
    const relay = await start('one', bufferBytesMax);
    kafka.close();
    await world.insertMany(20_000, 200);
    await until('a full buffer', () => relay.state().bufferedBytes > bufferBytesMax);
    const backend = await position(
      `(select active_pid::text from pg_replication_slots where slot_name = '${world.name}')`,
    );
    const since = Date.now();
    // Longer than the server waits for a silent receiver.
    await until('five seconds', () => Date.now() - since > 5_000);
    expect(relay.state().bufferedBytes).toBeLessThan(bufferBytesMax * 1.5);
    expect(
      await position(`(select active_pid::text from pg_replication_slots where slot_name = '${world.name}')`),
    ).toBe(backend);
    kafka.open();
    await until('all rows', () => kafka.records.length === 20_000);
    expect(kafka.versionsOf('many')).toEqual(Array.from({ length: 20_000 }, (_, index) => String(index + 1)));
  }, 90_000);

  async function parked(): Promise<string[]> {
    const { rows } = await world.admin.query<{ entry: string }>(
      `select version || ' ' || split_part(reason, ':', 1) as entry from cdc.parked where released_at is null order by version`,
    );
    return rows.map(({ entry }) => entry);
  }

  async function position(expression: string): Promise<string> {
    const { rows } = await world.admin.query<{ value: string }>(`select ${expression}::text as value`);
    return rows[0]?.value ?? '';
  }

  async function safeXid(): Promise<bigint> {
    return BigInt((await position("coalesce((select safe_xid::text from cdc.progress), '0')")) || 0);
  }
});

function adminUrlOf(world: RelayWorld): string {
  return world.relayUrl.split('?')[0] ?? '';
}

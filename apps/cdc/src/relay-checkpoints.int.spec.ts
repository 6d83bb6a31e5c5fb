import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import type { Statement } from '@towpath/event-store/checkpoint';
import { loadKeys } from '@towpath/event-store/checkpoint-keys';
import { verifyStores, nothingVerified, type Finding } from '@towpath/event-store/verify-stores';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { checkpointRecords } from '@towpath/kafka/checkpoints';
import { freePorts } from '@towpath/stack/ports';
import { RelayWorld, until } from './relay-world.fixture.js';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const brokers = [process.env['KAFKA_BROKERS'] ?? ''];
const options = { brokers, clientId: 'relay-spec', logger: quiet };
const everySecond = { CHECKPOINT_SECONDS: '1' };

describe('the relay signs checkpoints', () => {
  const home = join(process.env['TOWPATH_HOME'] ?? '.towpath-test', `relay-checkpoints-${process.pid}`);
  let world: RelayWorld;
  let port: number;

  beforeAll(async () => {
    port = (await freePorts()).cdc;
    const admin = await KafkaAdmin.connect(options);
    await admin.createTopics();
    await admin.close();
  }, 60_000);

  beforeEach(async () => {
    world = await RelayWorld.create(process.env['ADMIN_DATABASE_URL'] ?? '', brokers[0]!);
  }, 30_000);

  afterEach(async () => {
    await world.close();
  }, 30_000);

  async function statements(): Promise<Statement[]> {
    const records = await Array.fromAsync(checkpointRecords(options, world.name));
    const signed = records.flatMap((record): CheckpointSigned[] => ('signed' in record ? [record.signed] : []));
    return signed.map(({ statement }) => JSON.parse(statement) as Statement);
  }

  const covered = async (): Promise<number> => (await statements()).reduce((sum, { leaves }) => sum + leaves, 0);

  async function untilCovered(events: number): Promise<void> {
    await until(`${events} events under checkpoints`, async () => (await covered()) >= events);
  }

  async function verify(): Promise<{ findings: Finding[]; covered: number }> {
    const verified = nothingVerified();
    const [row] = (await world.admin.query('select number from cdc.checkpoints')).rows as { number: string }[];
    const last = (await statements()).at(-1);
    const findings = await Array.fromAsync(
      verifyStores({
        client: world.admin,
        schemas: [world.name, `${world.name}b`],
        checkpoints: checkpointRecords(options, world.name),
        keys: await loadKeys(world.admin as never),
        baseline: last?.baseline ?? 1,
        signedLast: Number(row?.number ?? 0),
        published: () => [],
        verified,
      }),
    );
    return { findings, covered: verified.covered };
  }

  /** As somebody with all rights, who leaves no trace in triggers. */
  async function tamper(text: string, values: unknown[] = []): Promise<void> {
    await world.admin.query(`set session_replication_role = replica`);
    await world.admin.query(text, values);
    await world.admin.query(`set session_replication_role = origin`);
  }

  it('over every event of every store, once, each naming the one before, and none while nothing comes', async () => {
    world.startRelay(port, home, everySecond);
    await world.append(30, 3);
    await world.other.append([world.event(`${world.name}-other`)]);
    await untilCovered(31);
    await world.append(10, 3);
    await untilCovered(41);
    const before = await statements();
    expect(before.length).toBeGreaterThan(1);
    expect(before.map(({ number }) => number)).toEqual(before.map((_, index) => index + 1));
    expect(before.reduce((sum, { leaves }) => sum + leaves, 0)).toBe(41);
    expect(await verify()).toEqual({ findings: [], covered: 41 });
    await world.statusAfterNow();
    await world.statusAfterNow();
    expect(await statements()).toEqual(before);
  }, 90_000);

  it('goes on with the chain after a kill', async () => {
    const first = world.startRelay(port, home, everySecond);
    await world.append(20, 2);
    await untilCovered(20);
    await world.kill(first);
    await world.append(20, 2);
    world.startRelay(port, home, everySecond);
    await untilCovered(40);
    expect(await verify()).toEqual({ findings: [], covered: 40 });
  }, 90_000);

  it('signs what is new when it is stopped in order', async () => {
    const relay = world.startRelay(port, home, { CHECKPOINT_SECONDS: '6' });
    await world.append(5, 1);
    await untilCovered(5);
    await world.append(5, 1);
    await until('the relay to know that they are safe', async () => {
      const { rowCount } = await world.admin.query(
        `select from cdc.progress where safe_xid > (select max(xact) from ${world.name}.events)`,
      );
      return rowCount === 1;
    });
    await world.kill(relay, 'SIGTERM');
    expect(await verify()).toEqual({ findings: [], covered: 10 });
  }, 60_000);

  it('so that edits, deletions and insertions of somebody who computes the chain anew are found where they are', async () => {
    const relay = world.startRelay(port, home, everySecond);
    await world.append(12, 3);
    await untilCovered(12);
    await world.kill(relay);
    const stream = `review-${world.name}-1`;
    await tamper(`delete from ${world.name}.events where stream = $1 and version = 4`, [stream]);
    expect((await verify()).findings).toMatchObject([{ reason: 'missing', schema: world.name, stream, version: 4 }]);
    await tamper(
      `insert into ${world.name}.events (stream, version, id, type, kind, data, metadata, digest, hash, xact, occurred_at)
       select stream, 4, $2, type, kind, data, metadata, digest, sha256(hash || int8send(4) || digest), xact, occurred_at
       from ${world.name}.events where stream = $1 and version = 3`,
      [stream, randomUUID()],
    );
    expect((await verify()).findings).toMatchObject([{ stream, version: 4 }]);
  }, 60_000);

  it('and covers everything anew when the database was set back', async () => {
    const first = world.startRelay(port, home, everySecond);
    await world.append(6, 2);
    await untilCovered(6);
    await world.kill(first, 'SIGTERM');
    await world.admin.query('delete from cdc.checkpoints');
    world.startRelay(port, home, everySecond);
    await world.append(6, 2);
    await untilCovered(18);
    const last = (await statements()).at(-1)!;
    expect(last.baseline).toBeGreaterThan(1);
    expect((await verify()).findings).toEqual([]);
  }, 90_000);
});

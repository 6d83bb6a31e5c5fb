import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '../chain.js';
import { fold } from '../fold.js';
import { openInspector, type Inspector } from '../inspect.js';
import { createSpecDatabase, specEvent, type SpecDatabase } from '../spec-database.js';
import type { Metadata, NewEvent, StoredEvent } from '../types.js';
import { textRowsOf, type TextRows } from '../text-rows.js';
import { archiveFaults, stubFaults, type ArchiveFault } from './archive-faults.js';
import { readArchiveFile } from './archive-file.js';
import { openArchivist, type Archivist } from './archivist.js';
import { runRetention, type StoreRetention } from './retention-run.js';

let database: SpecDatabase;
let archivist: Archivist;
let inspector: Inspector;
let folder: string;
beforeAll(async () => {
  database = await createSpecDatabase();
  archivist = openArchivist({ url: database.urlAs('towpath_archivist') });
  inspector = openInspector({ url: database.urlAs('towpath_reader') });
  folder = mkdtempSync(join(tmpdir(), 'towpath-archive-'));
}, 60_000);
afterAll(async () => {
  await archivist?.close();
  await inspector?.close();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** 90 days, published; 30 days, internal. */
const SEEN = 'spec.v1.Seen';
const COPIED = 'spec.v1.Copied';
const event = (stream: string, type: string, data?: object): NewEvent => ({
  ...specEvent(stream, null, data),
  type,
});
const newStream = () => `spec-${randomUUID()}`;

/** Appends, and has the append be so many days ago. */
async function appended(events: readonly NewEvent[], daysAgo: number): Promise<void> {
  await database.store.append(events);
  await behindTheTriggers(
    `update $.events set appended_at = appended_at - $2::integer * interval '1 day' where id = any($1)`,
    [events.map(({ id }) => id), daysAgo],
  );
}

async function behindTheTriggers(text: string, values: unknown[]): Promise<void> {
  const { admin, service } = database;
  await admin(`alter table ${service}.events disable trigger all`);
  await admin(text.replaceAll('$.', `${service}.`), values);
  await admin(`alter table ${service}.events enable trigger all`);
}

/** As the relay does with each heartbeat: all that is committed by now counts as published. */
async function published(): Promise<void> {
  await database.admin(`insert into cdc.progress (slot, lsn, safe_xid) values ('spec', '0/0', pg_snapshot_xmin(pg_current_snapshot()))
    on conflict (slot) do update set safe_xid = excluded.safe_xid`);
}

async function run(): Promise<StoreRetention> {
  const [report] = await runRetention(archivist, { folder, services: [database.service] });
  return report!;
}

async function archivedOf(stream: string): Promise<boolean[]> {
  return (await database.store.read(stream)).map(({ archived }) => archived === true);
}

async function mismatches(): Promise<unknown[]> {
  const found = [];
  for await (const mismatch of inspector.verify({ schema: database.service })) found.push(mismatch);
  return found;
}

describe('an event past its contract’s time', () => {
  it('leaves a stub with its place and hashes, and its content in a file that the stub proves', async () => {
    const stream = newStream();
    const kept = event(stream, SEEN, { text: 'snow \u2603 "quoted"', n: 1.5e-7, list: [1, null] });
    await appended([specEvent(stream), kept, event(stream, SEEN)], 91);
    const before = await database.store.read(stream);
    await published();
    expect(await run()).toMatchObject({ busy: false, archived: 2, files: 1, unsound: [], more: false });

    const after = await database.store.read(stream);
    expect(after.map(withoutContent)).toEqual(before.map(withoutContent));
    expect(after.map(({ data, archived }) => ({ data, archived }))).toEqual([
      { data: before[0]!.data, archived: undefined },
      { data: null, archived: true },
      { data: null, archived: true },
    ]);
    expect(await mismatches()).toEqual([]);
    const [{ file, sha256, digest } = {}] = await database.admin(
      `select a.file, encode(a.sha256, 'hex') as sha256, e.digest from ${database.service}.events e
       join ${database.service}.archives a on a.id = e.archive where e.id = $1`,
      [kept.id],
    );
    const content = (await readArchiveFile(folder, file as string, sha256 as string)).find(({ id }) => id === kept.id)!;
    expect(content).toMatchObject({ stream, version: 2, type: SEEN, data: kept.data, metadata: kept.metadata });
    const { id, type, data, occurredAt } = content;
    const metadata = content.metadata as Metadata;
    expect(digestOf({ id, type, stream, data, metadata, occurredAt: new Date(occurredAt) })).toEqual(digest);
    expect(await run()).toMatchObject({ archived: 0, files: 0 });
  });

  it('is not seen by folds, and its stream goes on behind it', async () => {
    const stream = newStream();
    await appended([event(stream, SEEN)], 91);
    await published();
    await run();
    await database.store.append([specEvent(stream, 1)]);
    const types: string[] = [];
    const aggregate = { initial: 0, evolve: (n: number, { type }: { type: string }) => types.push(type) && n + 1 };
    expect(fold(aggregate, await database.store.read(stream))).toBe(1);
    expect(types).toEqual(['spec.v1.Opened']);
    expect(await mismatches()).toEqual([]);
  });

  it.each([
    ['is younger than that', async (stream: string) => appended([event(stream, SEEN)], 89)],
    ['is a fact', async (stream: string) => appended([specEvent(stream)], 10_000)],
    [
      'is in a stream that still lives',
      async (stream: string) => {
        await appended([event(stream, SEEN)], 91);
        await database.store.append([specEvent(stream)]);
      },
    ],
    [
      'is a dead letter that stops its key',
      async (stream: string) => {
        await appended([event(stream.replace('spec-', 'dead-letter-'), SEEN)], 91);
        await database.admin(
          `insert into ${database.service}.held (seq, consumer, lane, order_key, head, handler, event_id, fingerprint, type, correlation_id, origin,
             topic, partition, record_offset, produced_at, record_headers, next_at, retries, attempts, stopped_by)
           values (nextval('${database.service}.held_seq'), 'spec', 'inline', $1, true, 'h', 'e', '', 't', 'c', 'record', 't', 0, 0, now(), '{}', now(), 0, 0, $1)`,
          [stream.slice('spec-'.length)],
        );
      },
    ],
  ])('stays when it %s', async (_, arrange) => {
    const stream = newStream();
    await arrange(stream);
    await published();
    expect(await run()).toMatchObject({ archived: 0 });
  });

  it('stays until the relay has published it; an internal one is never published', async () => {
    const [seen, copied] = [newStream(), newStream()];
    await database.admin("update cdc.progress set safe_xid = '3'");
    await appended([event(seen, SEEN)], 91);
    await appended([event(copied, COPIED)], 31);
    expect(await run()).toMatchObject({ archived: 1 });
    expect([await archivedOf(seen), await archivedOf(copied)]).toEqual([[false], [true]]);
    await published();
    expect(await run()).toMatchObject({ archived: 1 });
  });

  it('stays, named, when its content is not what was appended', async () => {
    const [changed, sound] = [event(newStream(), COPIED), event(newStream(), COPIED)];
    await appended([changed, sound], 31);
    await behindTheTriggers(`update $.events set data = '{"note": "forged"}' where id = $1`, [changed.id]);
    expect(await run()).toMatchObject({ archived: 1, unsound: [changed.id] });
    await behindTheTriggers('delete from $.events where id = $1', [changed.id]);
  });
});

describe('a run that ends between file and stub', () => {
  it('is finished by the next one, with nothing lost and one file', async () => {
    const streams = [newStream(), newStream()];
    await appended(
      streams.map((stream) => event(stream, COPIED)),
      31,
    );
    const cut: Archivist = { ...archivist, archive: () => Promise.reject(new Error('cut')) };
    const options = { folder, services: [database.service] };
    await expect(runRetention(cut, options)).rejects.toThrow('cut');
    expect([await archivedOf(streams[0]!), await archivedOf(streams[1]!)]).toEqual([[false], [false]]);
    const left = files();
    expect(await run()).toMatchObject({ archived: 2, files: 1 });
    expect(files()).toEqual(left);
  });

  it('leaves a store to the process that is at it', async () => {
    const report = await archivist.alone(database.service, run);
    expect(report).toMatchObject({ busy: true, archived: 0 });
  });

  it('notices a file that was changed', async () => {
    await appended([event(newStream(), COPIED)], 31);
    await run();
    const [{ file, sha256 } = {}] = await database.admin(
      `select file, encode(sha256, 'hex') as sha256 from ${database.service}.archives order by id desc limit 1`,
    );
    const path = join(folder, file as string);
    const bytes = readFileSync(path);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(path, bytes);
    await expect(readArchiveFile(folder, file as string, sha256 as string)).rejects.toMatchObject({
      code: 'ARCHIVE_DAMAGED',
    });
  });

  it('takes no more than it may, and says that there is more', async () => {
    await appended(
      Array.from({ length: 5 }, () => event(newStream(), COPIED)),
      31,
    );
    const [report] = await runRetention(archivist, { folder, services: [database.service], eventsMax: 3 });
    expect(report).toMatchObject({ archived: 3, more: true });
    expect(await run()).toMatchObject({ archived: 2, more: false });
  });
});

describe('what verify says of the archive', () => {
  const faults = async (from: (rows: TextRows) => AsyncGenerator<ArchiveFault>) => {
    const found = [];
    for await (const fault of from(textRowsOf(inspector.client))) found.push(fault);
    return found;
  };
  const ofFiles = () => faults((rows) => archiveFaults(rows, folder, { schema: database.service }));
  const ofStubs = () => faults((rows) => stubFaults(rows, { schema: database.service }));

  it('is nothing while every file holds what left the store, and names a file that is damaged or gone', async () => {
    const damaged = await ofFiles();
    await appended([event(newStream(), COPIED)], 31);
    await run();
    expect(await ofFiles()).toEqual(damaged);
    const [{ file } = {}] = await database.admin(
      `select file from ${database.service}.archives order by id desc limit 1`,
    );
    rmSync(join(folder, file as string));
    expect((await ofFiles()).slice(damaged.length)).toEqual([
      { detail: expect.stringMatching(`ARCHIVE_MISSING: .*${file as string}`) },
    ]);
    expect(await ofStubs()).toEqual([]);
  });

  it('names an event whose stub has another digest or stands in no file', async () => {
    const before = (await ofFiles()).length;
    const [changed, foreign] = [event(newStream(), COPIED), event(newStream(), COPIED)];
    await appended([changed, foreign], 31);
    await run();
    await behindTheTriggers('update $.events set hash = sha256(hash) where id = $1', [changed.id]);
    expect((await ofFiles()).slice(before)).toEqual([expect.objectContaining({ eventId: changed.id })]);
    await behindTheTriggers(`update $.events set archive = (select min(id) from $.archives) where id = $1`, [
      foreign.id,
    ]);
    expect(await ofStubs()).toEqual([
      expect.objectContaining({ eventId: foreign.id, detail: expect.stringContaining('no file') }),
    ]);
    await behindTheTriggers('delete from $.events where id = any($1)', [[changed.id, foreign.id]]);
  });

  it('names a fact whose content somebody took', async () => {
    const fact = specEvent(newStream());
    await database.store.append([fact]);
    await behindTheTriggers(
      `update $.events e set data = null, metadata = null, archived_at = a.archived_at, archive = a.id
       from $.archives a where e.id = $1 and a.id = (select max(id) from $.archives)`,
      [fact.id],
    );
    expect(await ofStubs()).toEqual([
      expect.objectContaining({ eventId: fact.id, detail: expect.stringContaining('for ever') }),
    ]);
    await behindTheTriggers('delete from $.events where id = $1', [fact.id]);
  });
});

describe('nobody', () => {
  const denied = /permission denied|must be owner/;
  const stub =
    "update $.events set data = null, metadata = null, archived_at = now(), archive = 1 where type = 'spec.v1.Seen'";

  beforeAll(() => appended([event(newStream(), SEEN)], 0));

  it.each([
    ['make a stub of an event before its time', stub],
    ['make a stub of a fact', stub.replace('spec.v1.Seen', 'spec.v1.Opened')],
    ['make a stub with a time to come', stub.replace('now()', "now() + interval '100 days'")],
    ['change the content of a stub', "update $.events set data = '{}' where archived_at is not null"],
    [
      'bring the content back',
      "update $.events set data = '{}', metadata = '{}', archived_at = null, archive = null where archived_at is not null",
    ],
    ['change more than the content', stub.replace('archive = 1', "archive = 1, type = 'x'")],
    ['delete a stub', 'delete from $.events where archived_at is not null'],
    ['change what the archive holds', 'update $.archives set file = file'],
    ['forget a file', 'delete from $.archives'],
  ])('can %s, the owner included', async (_, text) => {
    const sql = text.replaceAll('$', database.service);
    await expect(database.as(`${database.service}_owner`, sql)).rejects.toThrow('APPEND_ONLY');
    for (const role of [`${database.service}_service`, 'towpath_archivist'])
      await expect(database.as(role, sql)).rejects.toThrow(denied);
  });

  it.each([
    ['archive_events', "select $.archive_events(now(), 'f', current_date, 1, sha256(''), '{1}')"],
    ['archivable', 'select $.archivable(now(), null, null, 1, 1)'],
    ['maintain_inbox', 'select $.maintain_inbox(1, 1, now())'],
    [
      'a partition',
      "create table $.inbox_20200101 partition of $.inbox for values from ('2020-01-01') to ('2020-01-02')",
    ],
    ['a drop', 'drop table $.inbox_default'],
  ])('who serves may do %s', async (_, text) => {
    const sql = text.replaceAll('$', database.service);
    for (const role of [`${database.service}_service`, 'cdc_service', 'towpath_reader'])
      await expect(database.as(role, sql)).rejects.toThrow(denied);
  });

  it('has the archivist take facts, or events before their time', async () => {
    const [fact, early] = [specEvent(newStream()), event(newStream(), SEEN)];
    await database.store.append([fact, early]);
    for (const { stream } of [fact, early]) {
      const positions = (await database.store.read(stream)).map(({ position }) => position);
      const manifest = {
        service: '',
        file: randomUUID(),
        day: '2026-01-01',
        events: 1,
        firstPosition: '1',
        lastPosition: '1',
        bytes: 1,
      };
      const sha256 = 'ab'.repeat(32);
      await expect(
        archivist.archive(database.service, { ...manifest, sha256 }, positions, new Date('2999-01-01')),
      ).rejects.toMatchObject({
        code: 'ARCHIVE_REFUSED',
        message: expect.stringContaining('0 of 1'),
      });
    }
  });
});

function withoutContent({ data: _, metadata: __, archived: ___, ...rest }: StoredEvent): object {
  return rest;
}

function files(): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort();
}

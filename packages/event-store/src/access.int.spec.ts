import { randomUUID } from 'node:crypto';
import { openInspector } from './inspect.js';
import { setupDatabase } from './setup.js';
import { createSpecDatabase, specEvent, type SpecDatabase } from './spec-database.js';
import { openVault } from './vault.js';
import { verifySetup } from './verify-setup.js';

let database: SpecDatabase;
const stream = `spec-${randomUUID()}`;
beforeAll(async () => {
  database = await createSpecDatabase();
  await database.store.append([specEvent(stream, 0), specEvent(stream), specEvent(stream)]);
}, 60_000);
afterAll(() => database?.drop());

const denied = /permission denied/;

describe('a service role', () => {
  const asService = (text: string) => database.as(`${database.service}_service`, text);

  it.each([
    ['UPDATE', (schema: string) => `update ${schema}.events set type = type`],
    ['DELETE', (schema: string) => `delete from ${schema}.events`],
    ['TRUNCATE', (schema: string) => `truncate ${schema}.events`],
    [
      'direct INSERT',
      (
        schema: string,
      ) => `insert into ${schema}.events (stream, version, id, type, kind, data, metadata, digest, hash, xact, occurred_at)
        select stream, 99, gen_random_uuid(), type, kind, data, metadata, digest, hash, '1', occurred_at from ${schema}.events limit 1`,
    ],
    ['UPDATE of the inbox', (schema: string) => `update ${schema}.inbox set repeats = 0`],
    ['INSERT into emits', (schema: string) => `insert into ${schema}.emits values ('x', 'event')`],
    ['the inner function that writes rows', (schema: string) => `select ${schema}.write_rows('[]', 1)`],
    ['taking off the triggers', (schema: string) => `alter table ${schema}.events disable trigger all`],
  ])('is refused %s on its own store', async (_, statement) => {
    await expect(asService(statement(database.service))).rejects.toThrow(/permission denied|must be owner/);
  });

  it('reads its own store and no other service’s', async () => {
    expect(await asService(`select count(*)::int as n from ${database.service}.events`)).toEqual([{ n: 3 }]);
    await expect(asService(`select from ${database.other}.events`)).rejects.toThrow(denied);
    await expect(asService(`select ${database.other}.lock_writers()`)).rejects.toThrow(denied);
  });

  it('can not read the vault’s tables nor erase', async () => {
    await expect(asService('select from vault.keys')).rejects.toThrow(denied);
    await expect(asService('select from vault.secrets')).rejects.toThrow(denied);
    await expect(asService("select vault.erase('ann')")).rejects.toThrow(denied);
  });

  it('can not choose the transaction id of an event', async () => {
    const [row] = await database.admin(
      `select count(distinct xact)::int as n, bool_and(xact < pg_current_xact_id()) as past from ${database.service}.events`,
    );
    expect(row).toEqual({ n: 1, past: true });
    const parameters = await database.admin(
      "select from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.proname = 'commit_group' and 'xid8'::regtype = any (p.proargtypes)",
      [database.service],
    );
    expect(parameters).toEqual([]);
  });
});

describe('the owner and the superuser', () => {
  it.each(['update $.events set type = type', 'delete from $.events', 'truncate $.events'])(
    'are refused too: %s',
    async (text) => {
      const statement = text.replace('$', database.service);
      await expect(database.as(`${database.service}_owner`, statement)).rejects.toThrow('APPEND_ONLY');
      await expect(database.admin(statement)).rejects.toThrow('APPEND_ONLY');
    },
  );
});

describe('the relay’s and the reader’s roles', () => {
  it('read what they need and nothing else', async () => {
    const { service } = database;
    await database.as('cdc_service', `select from ${service}.events, ${service}.emits, towpath.schemas`);
    await database.as('cdc_service', "insert into cdc.lease values (1, 'me', 1, null, clock_timestamp())");
    await expect(database.as('cdc_service', `select from ${service}.projections`)).rejects.toThrow(denied);
    await database.as(
      'towpath_reader',
      `select from ${service}.events, ${service}.inbox, ${service}.timers, cdc.parked, towpath.schemas`,
    );
    for (const role of ['cdc_service', 'towpath_reader']) {
      await expect(database.as(role, "select vault.keys_for('{ann}')")).rejects.toThrow(denied);
      await expect(database.as(role, `select ${service}.lock_writers()`)).rejects.toThrow(denied);
    }
  });

  it('publish every event but internal ones', async () => {
    const rows = await database.admin(
      "select schemaname, tablename, rowfilter from pg_publication_tables where pubname = 'towpath' order by 1",
    );
    expect(rows.filter((row) => row['tablename'] === 'events').map((row) => row['rowfilter'])).toEqual(
      Array(2).fill(expect.stringContaining("<> 'internal'")),
    );
    expect(rows).toContainEqual(expect.objectContaining({ schemaname: 'cdc', tablename: 'heartbeat' }));
  });
});

describe('set-up', () => {
  it('changes nothing the second time, also when run several times at once', async () => {
    const reports = await Promise.all([1, 2, 3].map(() => setupDatabase(database.setup)));
    expect(reports.flatMap((report) => report.applied)).toEqual([]);
  });

  it('runs a service’s own migrations as its owner, once, and refuses a changed one', async () => {
    const withOwn = (sql: string) => ({
      ...database.setup,
      migrationsOf: (service: string) => (service === database.service ? [{ name: '001_own.sql', sql }] : []),
    });
    const report = await setupDatabase(withOwn('create table own (id int)'));
    expect(report.applied).toEqual([`${database.service}.app/001_own.sql`]);
    expect(await database.store.query('own', `select * from ${database.service}.own`, [])).toEqual([]);
    await expect(setupDatabase(withOwn('create table own (id bigint)'))).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
    });
  });

  it('is checked by the service, which names what is missing and the fix', async () => {
    const url = database.urlOf(`${database.service}_service`);
    await verifySetup({ url, schema: database.service, emits: ['spec.v1.Opened'] });
    const check = verifySetup({ url, schema: database.service, emits: ['spec.v1.Opened', 'spec.v1.New'] });
    await expect(check).rejects.toMatchObject({
      code: 'NOT_SET_UP',
      missing: [`type spec.v1.New in ${database.service}.emits`],
    });
    await expect(verifySetup({ url, schema: 'nowhere' })).rejects.toThrow(/schema nowhere.*towpath setup/);
    const noDatabase = Object.assign(new URL(url), { pathname: '/t_none' }).href;
    await expect(verifySetup({ url: noDatabase, schema: 'x' })).rejects.toMatchObject({ code: 'NOT_SET_UP' });
    const nobody = Object.assign(new URL(url), { port: '1' }).href;
    await expect(verifySetup({ url: nobody, schema: 'x' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

describe('the vault', () => {
  it('keeps one key per subject, makes none for an erased one, and hashes alike everywhere', async () => {
    const url = database.urlOf(`${database.service}_service`);
    const vault = await openVault({ url });
    const second = await openVault({ url: database.urlOf(`${database.other}_service`) });
    const [ann, bob] = [`ann"${randomUUID()}`, randomUUID()];
    const [first, again] = await Promise.all([vault.keysFor([ann, bob]), second.keysFor([bob, ann])]);
    expect(first.get(ann)).toHaveLength(32);
    expect(again.get(ann)).toEqual(first.get(ann));
    expect(first.get(bob)).not.toEqual(first.get(ann));
    await database.admin('select vault.erase($1)', [ann]);
    const later = await openVault({ url });
    expect((await later.keysFor([ann])).get(ann)).toBeNull();
    expect(vault.lookupHash('ann@example.com')).toMatch(/^[0-9a-f]{32}$/);
    expect(second.lookupHash('ann@example.com')).toBe(vault.lookupHash('ann@example.com'));
    await Promise.all([vault, second, later].map((one) => one.close()));
  });
});

describe('verification', () => {
  it.each([
    ['an edit', 'update $.events set data = \'{"note": "forged"}\' where stream = $1 and version = 2', 'content'],
    ['a deletion', 'delete from $.events where stream = $1 and version = 2', 'gap'],
    [
      'a reorder',
      'update $.events set version = case version when 2 then -3 else version end where stream = $1',
      'gap',
    ],
    ['a changed kind', "update $.events set kind = 'internal' where stream = $1 and version = 2", 'kind'],
  ])('finds %s by somebody with all rights', async (_, text, reason) => {
    const { service, admin, store } = database;
    const tampered = `spec-${randomUUID()}`;
    await store.append([specEvent(tampered, 0), specEvent(tampered), specEvent(tampered)]);
    await admin(`alter table ${service}.events disable trigger all`);
    await admin(text.replace('$', service), [tampered]);
    await admin(`alter table ${service}.events enable trigger all`);
    const inspector = openInspector({ url: database.urlAs('towpath_reader') });
    const found = [];
    for await (const mismatch of inspector.verify({ schema: service }))
      if (mismatch.stream === tampered) found.push(mismatch);
    const alone = [];
    for await (const mismatch of inspector.verify({ schema: service, stream: tampered })) alone.push(mismatch);
    await inspector.close();
    expect(found).toMatchObject([{ reason }]);
    expect(alone).toEqual(found);
  });
});

describe('the inspector', () => {
  it('finds an event, its story, its causes and its effects over all stores', async () => {
    const inspector = openInspector({ url: database.urlAs('towpath_reader') });
    const cause = specEvent(`spec-${randomUUID()}`);
    const effect = specEvent(`spec-${randomUUID()}`);
    const caused = {
      ...effect,
      metadata: { ...effect.metadata, correlationId: cause.metadata.correlationId, causationId: cause.id, hops: 2 },
    };
    await database.store.append([cause, caused]);
    expect(await inspector.eventById(cause.id)).toMatchObject({ id: cause.id, schema: database.service });
    expect(await inspector.eventById('evt_of_a_provider')).toBeUndefined();
    expect((await inspector.eventsByCorrelation(cause.metadata.correlationId)).map((one) => one.id)).toEqual([
      cause.id,
      caused.id,
    ]);
    expect((await inspector.effects(cause.id)).map((one) => one.id)).toEqual([caused.id]);
    expect((await inspector.causes(caused.id)).map((one) => one.id)).toEqual([cause.id]);
    expect((await inspector.recent({ limit: 2, type: 'spec.v1.Opened' })).map((one) => one.id)).toEqual([
      caused.id,
      cause.id,
    ]);
    await inspector.close();
  });
});

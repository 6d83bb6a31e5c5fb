import { digestOf, firstLink, nextLink } from '../chain.js';
import { openInspector } from '../inspect.js';
import { createSpecDatabase, specEvent, type SpecDatabase } from '../spec-database.js';
import type { NewEvent } from '../types.js';
import { firstUndecided, importedAfter, isRestoring, restoredBy } from './restored.js';
import { Restorer, type ImportedEvent } from './restorer.js';

let database: SpecDatabase;
let restorer: Restorer;
beforeAll(async () => {
  database = await createSpecDatabase();
  restorer = Restorer.open(database.adminUrl);
}, 60_000);
afterAll(async () => {
  await restorer?.close();
  await database?.drop();
});

/** Events as a topic has them: each linked to the one before. */
function chained(events: readonly NewEvent[], head?: { version: number; hash: Buffer }): ImportedEvent[] {
  let { version, hash } = head ?? { version: 0, hash: firstLink(events[0]!.stream) };
  return events.map((event) => {
    version += 1;
    const digest = digestOf(event);
    hash = nextLink(hash, version, digest);
    return { ...event, version, digest, hash };
  });
}

async function mismatches(): Promise<unknown[]> {
  const inspector = openInspector({ url: database.urlAs('towpath_reader') });
  const found: unknown[] = [];
  for await (const one of inspector.verify({ schema: database.service })) found.push(one);
  await inspector.close();
  return found;
}

const versions = async (stream: string) => (await database.store.read(stream)).map(({ version }) => version);

describe('putting events back', () => {
  it('continues a stream with the hashes that it had, so that its chain verifies and later events follow', async () => {
    const [first] = await database.store.append([specEvent('back-1')]);
    const lost = chained([specEvent('back-1'), specEvent('back-1')], first);
    await restorer.import(database.service, 1, lost);
    await database.store.append([specEvent('back-1')]);
    expect(await versions('back-1')).toEqual([1, 2, 3, 4]);
    expect((await database.store.read('back-1'))[2]?.hash).toEqual(lost[2 - 1]!.hash);
    expect(await mismatches()).toEqual([]);
  });

  it('begins a stream that the store does not have', async () => {
    await restorer.import(database.service, 0, chained([specEvent('back-2'), specEvent('back-2')]));
    expect(await versions('back-2')).toEqual([1, 2]);
    expect((await restorer.heads(database.service, ['back-2', 'none'])).get('back-2')?.version).toBe(2);
  });

  it.each([
    [
      'a hash that does not follow',
      'CHAIN_BROKEN',
      (events: ImportedEvent[]) => [{ ...events[0]!, hash: Buffer.alloc(32) }],
    ],
    ['another digest', 'CHAIN_BROKEN', (events: ImportedEvent[]) => [{ ...events[0]!, digest: Buffer.alloc(32, 1) }]],
    [
      'a type that the service may not append',
      'TYPE_NOT_EMITTED',
      (events: ImportedEvent[]) => [{ ...events[0]!, type: 'spec.v1.Other' }],
    ],
  ])('refuses %s and writes nothing', async (_, code, change) => {
    const events = change(chained([specEvent('back-3')]));
    await expect(restorer.import(database.service, 0, events)).rejects.toMatchObject({ code });
    expect(await versions('back-3')).toEqual([]);
    expect(
      await restoredBy(
        database.store,
        events.map(({ metadata }) => metadata.causationId),
      ),
    ).toEqual([]);
  });

  it('refuses a place that is taken, so that the same again changes nothing', async () => {
    const events = chained([specEvent('back-4')]);
    await restorer.import(database.service, 0, events);
    await expect(restorer.import(database.service, 0, events)).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
    expect(await versions('back-4')).toEqual([1]);
  });

  it('is no right of the service, nor of who reads', async () => {
    for (const role of [`${database.service}_service`, 'towpath_reader', 'cdc_service']) {
      await expect(
        database.as(role, `select ${database.service}.import_events('s', 0, '{}', '{}', '[]', '[]', '{}', '{}', '{}')`),
      ).rejects.toMatchObject({ code: '42501' });
    }
    await expect(
      database.as(`${database.service}_service`, `delete from ${database.service}.restored`),
    ).rejects.toThrow();
  });
});

describe('what a service is told after a restore', () => {
  it('is what its messages had led to, what was put back in order, and whose turn it is, until it is settled', async () => {
    await restorer.settle(database.service);
    expect(await isRestoring(database.store)).toBe(false);
    const [back] = chained([specEvent('told-1')]);
    const [expected] = chained([specEvent('told-2')]);
    await restorer.import(database.service, 0, [back!]);
    await restorer.expect(database.service, [{ ...expected!, imported: false }]);
    const cause = expected!.metadata.causationId;
    expect(await isRestoring(database.store)).toBe(true);
    expect(await restoredBy(database.store, [cause, 'other'])).toMatchObject([
      { id: expected!.id, cause, imported: false },
    ]);
    expect((await importedAfter(database.store, '0', 10)).map(({ id }) => id)).toEqual([back!.id]);
    const consumer = database.service;
    expect(await firstUndecided(database.store, { consumer, except: [], elsewhere: [] })).toEqual(back!.occurredAt);
    expect(
      await firstUndecided(database.store, { consumer, except: [back!.metadata.causationId, cause], elsewhere: [] }),
    ).toBeUndefined();
    const elsewhere = [back!.metadata.handler, expected!.metadata.handler].map((handler) => handler.split('/')[0]!);
    expect(await firstUndecided(database.store, { consumer, except: [], elsewhere })).toBeUndefined();
    await restorer.settle(database.service);
    expect(await restorer.noted(database.service)).toBe(0);
  });
});

import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { commitGroupStatement, groupValues } from './commit-group.js';
import { InboxConflict, VersionConflict } from './errors.js';
import { openInspector } from './inspect.js';
import { openStore } from './pool.js';
import { createSpecDatabase, specEvent, type SpecDatabase } from './spec-database.js';
import { dayOf, rowKey, type GroupCommit, type InboxRow, type NewTimer } from './types.js';

let database: SpecDatabase;
beforeAll(async () => {
  database = await createSpecDatabase();
}, 60_000);
afterAll(() => database?.drop());

const consumer = 'spec';
const inboxRow = (eventId: string = randomUUID()): InboxRow => ({
  eventId,
  day: dayOf(new Date()),
  fingerprint: randomBytes(32),
});

async function maintainInbox(asked: { aheadDays: number; keepDays: number; asOf?: Date }): Promise<number> {
  const [row] = await database.as(
    'towpath_archivist',
    `select ${database.service}.maintain_inbox($1, $2, $3) as dropped`,
    [asked.aheadDays, asked.keepDays, asked.asOf ?? new Date()],
  );
  return row!['dropped'] as number;
}

const waitingWriters =
  "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event = 'advisory'";

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await condition()))
    if (performance.now() > deadline) throw new Error('the condition did not come true within 5 s');
}

describe('append', () => {
  it('numbers versions from 1 and reads back what was appended', async () => {
    const { store } = database;
    const stream = `spec-${randomUUID()}`;
    const first = specEvent(stream, 0, {
      text: 'quote " backslash \\ snow \u2603 {braces}, commas',
      n: 1.5e-7,
      none: null,
    });
    const done = await store.append([first, specEvent(stream)]);
    expect(done.map((one) => one.version)).toEqual([1, 2]);
    const [read] = await store.read(stream);
    const { expectedVersion: _, ...expected } = first;
    expect(read).toMatchObject({ ...expected, version: 1, kind: 'event', hash: done[0]!.hash });
  });

  it('refuses a wrong expected version and names stream, expected and actual', async () => {
    const stream = `spec-${randomUUID()}`;
    await database.store.append([specEvent(stream, 0)]);
    const conflict = await database.store.append([specEvent(stream, 0)]).catch((error: unknown) => error);
    expect(conflict).toMatchObject({ code: 'VERSION_CONFLICT', stream, expected: 0, actual: 1 });
  });

  it('lets exactly one of many concurrent writers of a version win', async () => {
    const stream = `spec-${randomUUID()}`;
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => database.store.append([specEvent(stream, 0)])),
    );
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost).toHaveLength(7);
    for (const { reason } of lost) expect(reason).toBeInstanceOf(VersionConflict);
  });

  it('refuses a type that the contracts do not let this service append', async () => {
    const event = { ...specEvent(`spec-${randomUUID()}`), type: 'other.v1.Thing' };
    await expect(database.store.append([event])).rejects.toMatchObject({
      code: 'TYPE_NOT_EMITTED',
      message: expect.stringContaining('other.v1.Thing'),
    });
  });

  it.each(['data', 'metadata'])(
    'refuses an event without %s, also from who calls the function by itself',
    async (part) => {
      const values = groupValues({ consumer: '', events: [specEvent(`spec-${randomUUID()}`)] });
      values[part === 'data' ? 10 : 11] = null;
      const call = database.as(`${database.service}_service`, commitGroupStatement(database.service).text, values);
      await expect(call).rejects.toMatchObject({ code: '23502', message: 'each event needs data and metadata' });
    },
  );

  it('refuses U+0000 as unstorable, without repeating the text', async () => {
    const event = specEvent(`spec-${randomUUID()}`, null, { text: 'private\u0000' });
    await expect(database.store.append([event])).rejects.toMatchObject({
      code: 'UNSTORABLE',
      message: expect.not.stringContaining('private'),
    });
  });

  it('refuses an id that is stored already', async () => {
    const event = specEvent(`spec-${randomUUID()}`);
    await database.store.append([event]);
    await expect(database.store.append([event])).rejects.toMatchObject({ code: 'EVENT_ID_TAKEN' });
  });

  it('takes the kind from the contracts, not from the caller', async () => {
    const stream = `spec-${randomUUID()}`;
    await database.store.append([{ ...specEvent(stream), type: 'spec.v1.Noted', kind: 'event' }]);
    expect((await database.store.read(stream))[0]?.kind).toBe('internal');
  });

  it('makes a valid chain of any sequence of appends', async () => {
    const inspector = openInspector({ url: database.urlAs('towpath_reader') });
    const run = randomUUID();
    const appends = fc.array(
      fc.array(fc.record({ stream: fc.nat(3), data: fc.dictionary(fc.string(), fc.jsonValue()) }), {
        minLength: 1,
        maxLength: 6,
      }),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(appends, async (calls) => {
        for (const call of calls) {
          const storable = call.filter(({ data }) => !JSON.stringify(data).includes('\\u0000'));
          await database.store.append(
            storable.map(({ stream, data }) => specEvent(`spec-${run}-${stream}`, null, data)),
          );
        }
        for await (const mismatch of inspector.verify({ schema: database.service }))
          throw new Error(JSON.stringify(mismatch));
      }),
      { numRuns: 25 },
    );
    await inspector.close();
  }, 60_000);
});

describe('reading as of a version or an instant', () => {
  it('leaves out what came later', async () => {
    const stream = `spec-${randomUUID()}`;
    const [early, late] = [new Date('2026-01-01T00:00:00.500Z'), new Date('2026-01-02T00:00:00Z')];
    await database.store.append([
      { ...specEvent(stream), occurredAt: early },
      { ...specEvent(stream), occurredAt: late },
    ]);
    expect(await database.store.read(stream, { toVersion: 1 })).toHaveLength(1);
    expect((await database.store.read(stream, { at: early }))[0]?.occurredAt).toEqual(early);
    expect(await database.store.read(stream, { at: late })).toHaveLength(2);
    expect((await database.store.readStreams([stream, 'spec-none'])).get('spec-none')).toEqual([]);
  });
});

describe('a group', () => {
  it('is read back whole by the next load', async () => {
    const { store } = database;
    const stream = `spec-${randomUUID()}`;
    const [row, ref] = [inboxRow('with "quotes", {braces} and \\'), { name: 'totals', key: `k"${randomUUID()}` }];
    const { rowVersion } = await store.commitGroup({
      consumer,
      inbox: [row],
      events: [specEvent(stream, 0)],
      rows: [{ ...ref, expectedVersion: 0, state: { total: 1 } }],
    });
    const other = inboxRow();
    const group = await store.loadGroup({
      consumer,
      ids: [row, other],
      streams: [stream],
      rows: [ref, { ...ref, key: 'none' }],
    });
    expect([...group.seen]).toEqual([[row.eventId, row.fingerprint]]);
    expect(group.streams.get(stream)).toHaveLength(1);
    expect([...group.rows]).toEqual([[rowKey(ref), { ...ref, version: rowVersion, state: { total: 1 } }]]);
  });

  it('is refused whole when one of its messages was recorded by another replica', async () => {
    const { store } = database;
    const [row, stream] = [inboxRow(), `spec-${randomUUID()}`];
    await store.commitGroup({ consumer, inbox: [row] });
    const commit: GroupCommit = { consumer, inbox: [inboxRow(), row], events: [specEvent(stream, 0)] };
    await expect(store.commitGroup(commit)).rejects.toBeInstanceOf(InboxConflict);
    expect(await store.read(stream)).toEqual([]);
  });

  it('refuses the same message twice by name instead of conflicting for ever', async () => {
    const row = inboxRow();
    await expect(database.store.commitGroup({ consumer, inbox: [row, row] })).rejects.toMatchObject({
      code: 'INBOX_ROW_TWICE',
    });
  });

  it('lets one of two replicas win that handle the same message at once', async () => {
    const second = openStore({ url: database.urlOf(`${database.service}_service`), schema: database.service });
    for (let round = 0; round < 20; round++) {
      const [row, stream] = [inboxRow(), `spec-${randomUUID()}`];
      const commits = [database.store, second].map((store) =>
        store.commitGroup({ consumer, inbox: [row], events: [specEvent(stream, 0)] }),
      );
      const lost = (await Promise.allSettled(commits)).filter((result) => result.status === 'rejected');
      expect(lost.map((result) => (result.reason as { code: string }).code)).toEqual(['INBOX_CONFLICT']);
      expect(await second.read(stream)).toHaveLength(1);
    }
    await second.close();
  });

  it('counts repeats on the first', async () => {
    const row = inboxRow();
    await database.store.commitGroup({ consumer, inbox: [row] });
    await database.store.commitGroup({ consumer, repeats: [{ ...row, count: 2 }] });
    const inspector = openInspector({ url: database.urlAs('towpath_reader') });
    expect(await inspector.deliveries({ schema: database.service, eventId: row.eventId, limit: 5 })).toMatchObject([
      { repeats: 2, ...row },
    ]);
    await inspector.close();
  });

  it('keeps messages of any day, past and future, and moves them into partitions made later', async () => {
    const { store, service } = database;
    const rows = ['2020-02-29', '2031-12-31', dayOf(new Date(Date.now() + 12 * 86_400_000))].map((day) => ({
      ...inboxRow(),
      day,
    }));
    await store.commitGroup({ consumer, inbox: rows });
    await maintainInbox({ aheadDays: 14, keepDays: 20_000 });
    const group = await store.loadGroup({ consumer, ids: rows, streams: [], rows: [] });
    expect(group.seen.size).toBe(3);
    const [left] = await database.admin(`select count(*)::int as n from ${service}.inbox_default`);
    expect(left).toEqual({ n: 2 });
    await maintainInbox({ aheadDays: 1, keepDays: 45 });
    expect((await store.loadGroup({ consumer, ids: rows, streams: [], rows: [] })).seen.size).toBe(3);
    await database.admin(`update ${service}.inbox set received_at = '2020-03-01'`);
    await maintainInbox({ aheadDays: 1, keepDays: 45 });
    expect((await store.loadGroup({ consumer, ids: rows, streams: [], rows: [] })).seen.size).toBe(2);
  });

  it('keep the highest place of each stream and type when their partition is dropped', async () => {
    const { store, service } = database;
    const [day, keep] = ['2021-05-01', { aheadDays: 0, keepDays: 45 }];
    const places = [3, 1, 2].map((sequence) => ({
      ...inboxRow(),
      day,
      mark: { key: '/services/x/s-"1" T', sequence },
    }));
    const late = { ...inboxRow(), day, mark: { key: 'late', sequence: 9 } };
    await maintainInbox({ ...keep, asOf: new Date(day) });
    await store.commitGroup({ consumer, inbox: [...places, { ...inboxRow(), day }] });
    await database.admin(`update ${service}.inbox set received_at = day where day = '${day}'`);
    await store.commitGroup({ consumer, inbox: [late] });
    // The day before is over, not the day itself.
    expect(await maintainInbox({ ...keep, asOf: new Date('2021-06-15') })).toBe(1);
    expect(await store.inboxMarks(consumer, [places[0]!.mark.key])).toEqual(new Map());
    expect(await maintainInbox({ ...keep, asOf: new Date('2021-06-17') })).toBe(1);
    const keys = [places[0]!.mark.key, 'late', 'nobody'];
    expect(await store.inboxMarks(consumer, keys)).toEqual(new Map([[keys[0], 3]]));
    const { seen } = await store.loadGroup({ consumer, ids: [...places, late], streams: [], rows: [] });
    expect([...seen.keys()]).toEqual([late.eventId]);
    // Nobody can have rows forgotten early: a day to come counts as today.
    await maintainInbox({ ...keep, asOf: new Date('2999-01-01') });
    expect((await store.loadGroup({ consumer, ids: [late], streams: [], rows: [] })).seen.size).toBe(1);
  });
});

describe('projection rows', () => {
  it('are written only over the version that was read; a missed one refuses the whole group', async () => {
    const { store } = database;
    const [row, stream] = [{ name: 'totals', key: randomUUID() }, `spec-${randomUUID()}`];
    const first = await store.commitGroup({ consumer, rows: [{ ...row, expectedVersion: 0, state: { n: 1 } }] });
    const second = await store.commitGroup({
      consumer,
      rows: [{ ...row, expectedVersion: first.rowVersion, state: { n: 2 } }],
    });
    for (const expectedVersion of [0, first.rowVersion]) {
      for (const state of [{ n: 3 }, null]) {
        const late = store.commitGroup({
          consumer,
          events: [specEvent(stream)],
          rows: [{ ...row, expectedVersion, state }],
        });
        await expect(late).rejects.toMatchObject({ code: 'VERSION_CONFLICT', stream: `row totals/${row.key}` });
      }
    }
    expect(await store.read(stream)).toEqual([]);
    await store.commitGroup({ consumer, rows: [{ ...row, expectedVersion: second.rowVersion, state: null }] });
    expect((await store.loadGroup({ consumer, ids: [], streams: [], rows: [row] })).rows.size).toBe(0);
  });
});

describe('the third try', () => {
  it('holds every other writer back until it has committed', async () => {
    const { store } = database;
    const stream = `spec-${randomUUID()}`;
    const held = await store.loadGroupLocked({ consumer, ids: [], streams: [stream], rows: [] });
    const other = store.append([specEvent(stream, 0)]).catch((error: VersionConflict) => error.code);
    await until(async () => (await database.admin(waitingWriters))[0]?.['n'] !== 0);
    await held.commit({ consumer, events: [specEvent(stream, held.group.streams.get(stream)!.length)] });
    await held.release();
    expect(await other).toBe('VERSION_CONFLICT');
    expect(await store.read(stream)).toHaveLength(1);
  });

  it('survives its connection being cut, and so do the others', async () => {
    const { store } = database;
    const held = await store.loadGroupLocked({ consumer, ids: [], streams: [], rows: [] });
    await database.admin(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
    );
    await expect(held.commit({ consumer, inbox: [inboxRow()] })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await held.release();
    await expect(store.commitGroup({ consumer, inbox: [inboxRow()] })).resolves.toBeDefined();
  });

  it('writes nothing and frees the others when it is released without a commit', async () => {
    const { store } = database;
    const held = await store.loadGroupLocked({ consumer, ids: [], streams: [], rows: [] });
    await held.release();
    await expect(store.append([specEvent(`spec-${randomUUID()}`, 0)])).resolves.toHaveLength(1);
  });
});

describe('timers', () => {
  const timer = (dueInMs: number): NewTimer => ({ ...specEvent('spec-timer'), dueAt: new Date(Date.now() + dueInMs) });

  it('are claimed once while the lease lasts, again after it, and gone once handled', async () => {
    const { store } = database;
    const [due, later, dropped] = [timer(-1_000), timer(3_600_000), timer(-1_000)];
    await store.commitGroup({ consumer, timers: [due, later, dropped], cancelledTimers: [dropped.id] });
    const types = [due.type];
    expect(await store.nextTimerDueMs(types)).toBe(0);
    expect(await store.claimTimers({ types, limit: 10, leaseMs: 0 })).toMatchObject([
      { id: due.id, data: due.data, metadata: due.metadata },
    ]);
    const both = await Promise.all([0, 1].map(() => store.claimTimers({ types, limit: 10, leaseMs: 60_000 })));
    expect(both.flat().map((one) => one.id)).toEqual([due.id]);
    await store.commitGroup({ consumer, firedTimers: [due.id] });
    const nextMs = await store.nextTimerDueMs(types);
    expect(nextMs).toBeGreaterThan(3_500_000);
    expect(nextMs).toBeLessThanOrEqual(3_600_000);
    expect(await store.nextTimerDueMs(['spec.v1.Other'])).toBeUndefined();
    expect(await store.claimTimers({ types: ['spec.v1.Other'], limit: 10, leaseMs: 0 })).toEqual([]);
  });
});

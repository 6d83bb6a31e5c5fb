import { jest } from '@jest/globals';
import { projection, type Projection } from '../projection.js';
import { createSpecDatabase, specEvent, type SpecDatabase } from '../spec-database.js';
import { rowKey, type GroupCommit, type RowWrite, type StoredEvent } from '../types.js';
import { LeftOut } from './left-out.js';
import type { RebuildProgress } from './rebuild-types.js';
import { rebuildProjection } from './rebuild-projection.js';

jest.setTimeout(120_000);

interface Tally {
  readonly count: number;
  readonly last: string;
}

/** One row for each stream; an event that says `end` deletes it. */
const tallies = projection<Tally>({
  name: 'tallies',
  keysOf: ({ stream }) => [stream],
  evolve: (row, { data }) => {
    const { note } = data as { note: string };
    return note === 'end' ? undefined : { count: (row?.count ?? 0) + 1, last: note };
  },
}) as Projection<unknown>;

let database: SpecDatabase;
beforeAll(async () => {
  database = await createSpecDatabase();
}, 120_000);
afterAll(() => database?.drop());

/** As a service does it: the event and the row that follows from it in one transaction. */
async function decide(stream: string, note: string, keepRow = true): Promise<void> {
  const { store } = database;
  const event = specEvent(stream, null, { note });
  const ref = tallies.at(stream);
  const group = await store.loadGroup({ consumer: '', ids: [], streams: [stream], rows: [ref] });
  const stored = group.rows.get(rowKey(ref));
  const state = tallies.evolve(stored?.state, event, stream) ?? null;
  const row: RowWrite = { ...ref, expectedVersion: stored?.version ?? 0, state };
  const rows = keepRow && (stored || state) ? [row] : [];
  const commit: GroupCommit = { consumer: '', events: [event], rows };
  await store.commitGroup(commit);
}

async function rows(table = 'projections'): Promise<Record<string, unknown>> {
  const found = await database.admin(
    `select key, state from ${database.service}.${table} where name = 'tallies' order by key`,
  );
  return Object.fromEntries(found.map(({ key, state }) => [String(key), state]));
}

function rebuild(
  options: {
    dryRun?: boolean;
    signal?: AbortSignal;
    swapRowsMax?: number;
    of?: Projection<unknown>;
    report?: (p: RebuildProgress) => void;
  } = {},
) {
  const { dryRun = false, signal = new AbortController().signal, of = tallies, report = () => undefined } = options;
  const { swapRowsMax = 1_000 } = options;
  const url = database.urlOf(`${database.service}_service`);
  return rebuildProjection({ url, schema: database.service, projection: of, dryRun, signal, swapRowsMax, report });
}

/** Changes the live rows behind the service's back. */
async function spoil(text: string): Promise<void> {
  await database.admin(`update ${database.service}.projections ${text}`);
}

describe('rebuilding a projection', () => {
  it('finds rows that a service kept equal to a replay, and changes nothing', async () => {
    for (let n = 0; n < 30; n += 1) await decide(`s-${n % 7}`, n % 11 === 10 ? 'end' : `n${n}`);
    const before = await rows();
    expect(await rebuild()).toMatchObject({
      different: 0,
      swapped: null,
      events: 30,
      liveRows: Object.keys(before).length,
      replayedRows: Object.keys(before).length,
    });
    expect(await rows()).toEqual(before);
    expect(await rows('projections_rebuilt')).toEqual({});
  });

  it('folds events of several streams of one group in the order of the decisions, not of the names of the streams', async () => {
    const lasts = projection<{ note: string }>({
      name: 'lasts',
      keysOf: ({ stream }) => (stream.startsWith('t-') ? ['t'] : []),
      evolve: (_, { data }) => data as { note: string },
    }) as Projection<unknown>;
    const events = ['t-b', 't-c', 't-a'].map((stream) => specEvent(stream, null, { note: stream }));
    const tallied = events.map((event): RowWrite => {
      return { ...tallies.at(event.stream), expectedVersion: 0, state: { count: 1, last: event.stream } };
    });
    const rows = [{ ...lasts.at('t'), expectedVersion: 0, state: { note: 't-a' } }, ...tallied];
    const { events: appended } = await database.store.commitGroup({ consumer: '', events, rows });
    expect(appended.map(({ stream }) => stream)).toEqual(['t-b', 't-c', 't-a']);
    const found = await database.admin(
      `select stream from ${database.service}.events where stream like 't-%' order by position`,
    );
    expect(found.map(({ stream }) => stream)).toEqual(['t-b', 't-c', 't-a']);
    expect(await rebuild({ of: lasts, dryRun: true })).toMatchObject({ different: 0 });
  });

  it('says which rows differ, are too many or are missing, and with a dry run leaves them', async () => {
    const right = await rows();
    const [changed, gone] = Object.keys(right);
    await spoil(`set state = state || '{"count": 99}' where name = 'tallies' and key = '${changed}'`);
    await spoil(`set key = 'zz' where name = 'tallies' and key = '${gone}'`);
    const spoilt = await rows();
    const found = await rebuild({ dryRun: true });
    expect(found).toMatchObject({ different: 3, swapped: null });
    expect(found.examples).toEqual([
      { key: changed, live: spoilt[changed!], replayed: right[changed!] },
      { key: gone, replayed: right[gone!] },
      { key: 'zz', live: right[gone!] },
    ]);
    expect(await rows()).toEqual(spoilt);
    expect(await rebuild()).toMatchObject({ different: 3, swapped: 3 });
    expect(await rows()).toEqual(right);
    expect(await rebuild({ dryRun: true })).toMatchObject({ different: 0 });
  });

  it('makes a decision that read a row before the swap read it again', async () => {
    const [key] = Object.keys(await rows());
    await spoil(`set state = '{"count": 5, "last": "spoilt"}' where name = 'tallies' and key = '${key}'`);
    const ref = tallies.at(key!);
    const read = await database.store.loadGroup({ consumer: '', ids: [], streams: [], rows: [ref] });
    const { version } = read.rows.get(rowKey(ref))!;
    await rebuild();
    const write: RowWrite = { ...ref, expectedVersion: version, state: { count: 6, last: 'late' } };
    await expect(database.store.commitGroup({ consumer: '', rows: [write] })).rejects.toMatchObject({
      code: 'VERSION_CONFLICT',
    });
  });

  it('catches up with writers that never stop, loses none of their rows, and holds them back only for the swap', async () => {
    await spoil(`set state = '{"count": -1, "last": "spoilt"}' where name = 'tallies'`);
    let writing = true;
    let written = 0;
    const writers = [0, 1, 2].map(async (writer) => {
      for (let n = 0; writing; n += 1) {
        await decide(`live-${writer}-${n % 40}`, n % 13 === 12 ? 'end' : `w${n}`);
        written += 1;
      }
    });
    const before = written;
    const rebuilt = await rebuild({ swapRowsMax: 20 });
    const after = written;
    writing = false;
    await Promise.all(writers);
    expect(rebuilt.swapped).toBeGreaterThan(0);
    expect(after).toBeGreaterThan(before);
    expect(await rebuild({ dryRun: true })).toMatchObject({ different: 0 });
  });

  it('leaves live rows alone and nothing beside them when it is cancelled or its fold fails', async () => {
    const before = await rows();
    const controller = new AbortController();
    const cancelled = rebuild({ signal: controller.signal, report: () => controller.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'REBUILD_CANCELLED' });
    const failing = projection<unknown>({
      ...{ name: 'tallies', keysOf: tallies.keysOf },
      evolve: () => {
        throw new TypeError('no such field');
      },
    });
    await expect(rebuild({ of: failing })).rejects.toMatchObject({
      code: 'FOLD_FAILED',
      message: expect.stringContaining('spec.v1.Opened'),
    });
    expect(await rows()).toEqual(before);
    expect(await rows('projections_rebuilt')).toEqual({});
  });

  it('drops what a killed rebuild left behind, and does not run twice at once', async () => {
    await database.admin(
      `insert into ${database.service}.projections_rebuilt values ('tallies', 'left', '{"count": 1}', true)`,
    );
    // While writers are held back, a rebuild waits in its midst.
    const held = await database.store.loadGroupLocked({ consumer: '', ids: [], streams: [], rows: [] });
    const first = rebuild();
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
    while ((await database.admin(waiting)).length === 0);
    await expect(rebuild()).rejects.toMatchObject({ code: 'REBUILD_RUNNING' });
    await held.release();
    expect(await first).toMatchObject({ different: 0 });
    expect(Object.keys(await rows())).not.toContain('left');
  });

  it('counts the archived events that it may have had rows of, which a replay leaves out', () => {
    const left = new LeftOut();
    const of = (type: string, archived?: true) => ({ type, ...(archived && { archived }) }) as StoredEvent;
    for (const type of ['used', 'unused', 'gone']) left.event(of(type, true), false);
    left.event(of('used'), true);
    left.event(of('unused'), false);
    expect(left.count).toBe(2);
  });

  it('folds with the code as it is now: a changed fold changes its rows and nobody else’s', async () => {
    await database.admin(`insert into ${database.service}.projections values ('others', 'k', 1, '{}')`);
    const louder = projection<Tally>({
      ...{ name: 'tallies', keysOf: tallies.keysOf },
      evolve: (row, event, key) => {
        const next = tallies.evolve(row, event, key) as Tally | undefined;
        return next && { ...next, last: next.last.toUpperCase() };
      },
    }) as Projection<unknown>;
    const live = Object.keys(await rows()).length;
    expect(await rebuild({ of: louder })).toMatchObject({ different: live, swapped: live });
    expect(
      await database.admin(`select state from ${database.service}.projections where name = 'others'`),
    ).toHaveLength(1);
    expect(await rebuild({ of: louder, dryRun: true })).toMatchObject({ different: 0 });
  });
});

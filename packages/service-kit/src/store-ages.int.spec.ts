import { createHash, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArchiveFile } from '@towpath/event-store/archive/archive-file';
import { openInspector } from '@towpath/event-store/inspect';
import { specEvent } from '@towpath/event-store/spec-database';
import type { NewEvent } from '@towpath/event-store/types';
import { AgedStore, type Incoming, type Sizes } from './aged-store.fixture.js';

const DAYS = 400;
/** The longest that any of the spec's contracts keeps an event: from then on as much goes as comes. */
const WINDOW_DAYS = 90;
const SEED = Number(process.env['TOWPATH_SEED'] ?? randomInt(2 ** 31));

const FACT = 'spec.v1.Opened';
const KEPT_90_DAYS = 'spec.v1.Seen';
const KEPT_30_DAYS = 'spec.v1.Copied';

describe(`a store after ${DAYS} days (TOWPATH_SEED=${SEED})`, () => {
  const random = seeded(SEED);
  const appended = new Map<string, NewEvent>();
  const incoming: Incoming[] = [];
  const wrong: string[] = [];
  const sizes = new Map<number, Sizes>();
  let byMark = 0;
  let dropped = 0;
  let folder: string;
  let aged: AgedStore;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'towpath-aged-'));
    aged = await AgedStore.create(folder, DAYS);
    for (let day = 0; day < DAYS; day += 1) {
      const { partitionsDropped, unsound } = await aged.keep(day);
      dropped += partitionsDropped;
      if (unsound.length > 0) wrong.push(`day ${day}: content of ${unsound.join()}`);
      const came = arrivals(day);
      const events = eventsOf(day);
      await aged.commit(day, came, events);
      incoming.push(...came);
      for (const event of events) appended.set(event.id, event);
      await repeats(day);
      if (day % 10 === 9) await aged.vacuum();
      if (day % 50 === 49) sizes.set(day + 1, await aged.sizes());
    }
  }, 180_000);

  afterAll(async () => {
    await aged?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Messages of ten streams that go on all the time. */
  function arrivals(day: number): Incoming[] {
    const time = aged.timeOf(day);
    return Array.from({ length: 10 }, (_, n) => ({
      id: `in-${day}-${n}`,
      stream: `source-${n}`,
      sequence: day + 1,
      time,
    }));
  }

  /** Facts in streams of their own and among others; larger events that pass, in streams of one, of many, and beside facts. */
  function eventsOf(day: number): NewEvent[] {
    const event = (type: string, stream: string, bytes: number): NewEvent => ({
      ...specEvent(stream, null, { day, text: textOf(bytes) }),
      id: uuid(),
      type,
      occurredAt: aged.timeOf(day),
    });
    const key = uuid();
    return [
      event(FACT, `order-${random(50)}`, 100),
      event(FACT, `delivery-${key}`, 100),
      event(KEPT_30_DAYS, `delivery-${key}`, 1_000 + random(4_000)),
      event(KEPT_30_DAYS, `copy-${uuid()}`, 1_000 + random(4_000)),
      event(KEPT_90_DAYS, `alert-${uuid()}`, 500),
      event(KEPT_90_DAYS, `season-${Math.floor(day / 20)}`, 500),
    ];
  }

  /** A repeat of any message so far is dropped, whatever the store has forgotten of it; what has not come is not. */
  async function repeats(day: number): Promise<void> {
    const repeat = incoming[random(incoming.length)]!;
    const by = await aged.repeatBy(day, repeat);
    if (by === 'mark') byMark += 1;
    if (by === undefined) wrong.push(`day ${day}: ${repeat.id} would be decided again`);
    const next = { ...repeat, id: `new-${day}`, sequence: day + 2, time: aged.timeOf(day) };
    if (await aged.repeatBy(day, next)) wrong.push(`day ${day}: a new message would be dropped`);
  }

  function textOf(bytes: number): string {
    let text = '';
    while (text.length < bytes) text += random(2 ** 31).toString(36);
    return text;
  }

  function uuid(): string {
    const hex = createHash('sha256')
      .update(`${SEED} ${random(2 ** 31)} ${appended.size} ${random(2 ** 31)}`)
      .digest('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  }

  it('holds every fact as it was appended', async () => {
    const facts = [...appended.values()].filter(({ type }) => type === FACT);
    const rows = await aged.database.admin(
      `select id, stream, data, occurred_at from ${aged.database.service}.events where type = $1 order by id`,
      [FACT],
    );
    const stored = facts.map(({ id, stream, data, occurredAt }) => ({ id, stream, data, occurred_at: occurredAt }));
    expect(rows).toEqual(stored.sort((a, b) => (a.id < b.id ? -1 : 1)));
    expect(rows).toHaveLength(2 * DAYS);
  });

  it('has a chain that is whole from the first event to the last', async () => {
    const inspector = openInspector({ url: aged.database.urlAs('towpath_reader') });
    const found = [];
    for await (const mismatch of inspector.verify({ schema: aged.database.service })) found.push(mismatch);
    await inspector.close();
    expect(found).toEqual([]);
    const [row] = await aged.database.admin(`select count(*)::int as events from ${aged.database.service}.events`);
    expect(row).toEqual({ events: appended.size });
  });

  it('has moved everything past its time, and only that, into files that hold what was appended', async () => {
    const { admin, service } = aged.database;
    const files = await admin(`select file, encode(sha256, 'hex') as sha256 from ${service}.archives order by id`);
    const archived = [];
    for (const { file, sha256 } of files)
      archived.push(...(await readArchiveFile(folder, file as string, sha256 as string)));
    for (const { id, stream, type, data, metadata } of archived)
      expect({ id, stream, type, data, metadata }).toEqual(contentOf(appended.get(id)!));
    const stubs = await admin(
      `select id, encode(digest, 'hex') as digest from ${service}.events where archived_at is not null order by id`,
    );
    const proven = archived.map(({ id, digest }) => ({ id, digest })).sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(proven).toEqual(stubs);
    // What is not due yet: 30 and 90 days of two a day, and the last stream that still lives.
    const left = [...appended.values()].filter(({ type }) => type !== FACT).length - archived.length;
    expect(left).toBeGreaterThanOrEqual(2 * 30 + 2 * 90);
    expect(left).toBeLessThanOrEqual(2 * 31 + 91 + 91 + 20);
  });

  it('drops repeats of messages that it has forgotten, and no new message', () => {
    expect(wrong).toEqual([]);
    expect(byMark).toBeGreaterThan(DAYS / 2);
    expect(dropped).toBeGreaterThan(DAYS - 60);
  });

  it('grows by facts and stubs alone: what passes takes no more after 400 days than after its longest time', () => {
    const [early, late] = [sizes.get(150)!, sizes.get(DAYS)!];
    process.stdout.write(`${JSON.stringify({ seed: SEED, events: appended.size, ...Object.fromEntries(sizes) })}\n`);
    expect(150).toBeGreaterThan(WINDOW_DAYS);
    expect(late.passing).toBeLessThan(early.passing * 1.25);
    expect(late.inbox).toBeLessThan(early.inbox * 1.1);
    const perDay = (late.events - early.events) / (DAYS - 150);
    // Two facts and four stubs a day, and the room that vacuum gives back to the table and not to the disk.
    expect(perDay).toBeLessThan((2 * late.fact + 4 * late.stub) * 1.25);
    expect(late.stub).toBeLessThan(600);
  });
});

function contentOf({ id, stream, type, data, metadata }: NewEvent): object {
  return { id, stream, type, data, metadata };
}

/** Mulberry32: whole numbers below `limit`. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

import { randomUUID } from 'node:crypto';
import { LeaseLost } from './errors.js';
import type { HeldMessage, HeldWrite, NewHeld } from './held-types.js';
import { openStore } from './pool.js';
import { createSpecDatabase, type SpecDatabase } from './spec-database.js';
import { dayOf } from './types.js';

let database: SpecDatabase;
beforeAll(async () => {
  database = await createSpecDatabase();
}, 60_000);
afterAll(() => database?.drop());

const consumer = 'spec';
const failure = { code: 'HANDLER_FAILED', place: 'apps/x.ts:1' };

function waits(orderKey: string, more: Partial<NewHeld> = {}): NewHeld {
  const record = {
    ...{ topic: 't', partition: 3, offset: '9007199254740993', timestamp: 1_700_000_000_123 },
    ...{ key: Buffer.from([0, 255]), value: Buffer.from([1, 0, 254]), headers: { 'x-odd': Buffer.from([233, 1]) } },
    otherHeaders: [
      ['x-odd', Buffer.from([0])],
      ['x-none', null],
    ] as const,
  };
  return {
    ...{ kind: 'add', lane: 'inline', orderKey, handler: 'Spec', eventId: randomUUID(), fingerprint: Buffer.from([7]) },
    ...{ type: 'spec.v1.Opened', correlationId: 'story', origin: 'record', record, retries: 3, delayMs: 0 },
    ...more,
  };
}

const write = (...held: HeldWrite[]) => database.store.commitGroup({ consumer, held });
const claim = (leaseMs = 60_000): Promise<HeldMessage[]> =>
  database.store.claimRetries({ consumer, limit: 100, leaseMs, owner: 'spec' });
const claimKey = async (orderKey: string, leaseMs?: number) =>
  (await claim(leaseMs)).find((message) => message.orderKey === orderKey);
const claimWork = (free: Record<string, number>) =>
  database.store.claimWork({ consumer, free: new Map(Object.entries(free)), leaseMs: 60_000, owner: 'spec' });
const heldKeys = async (...orderKeys: string[]) =>
  (await database.store.loadGroup({ consumer, ids: [], streams: [], rows: [], orderKeys })).held;

describe('messages that wait', () => {
  it('come back byte for byte, the oldest of a key alone, and the next when it is done', async () => {
    const key = randomUUID();
    const [first, second] = [waits(key, { failure }), waits(key)];
    await write(first, second);
    const claimed = (await claimKey(key))!;
    const { kind: _, delayMs: __, retries: ___, failure: ____, ...expected } = first;
    expect(claimed).toMatchObject({ ...expected, attempts: 1, lost: 0 });
    expect(claimed.firstFailedAt).toBeInstanceOf(Date);
    expect(await claimKey(key)).toBeUndefined();
    await write({ kind: 'done', ...claimed });
    expect(await claimKey(key)).toMatchObject({ eventId: second.eventId, attempts: 0, firstFailedAt: null });
  });

  it('are known by their key in the read of a group, until the last is done', async () => {
    const [key, other] = [randomUUID(), randomUUID()];
    await write(waits(key), waits(other, { lane: 'queued' }));
    expect(await heldKeys(key, other)).toEqual(new Map([[key, null]]));
    await write({ kind: 'done', ...(await claimKey(key))! });
    expect(await heldKeys(key, other)).toEqual(new Map());
  });

  it('are not handed out before their time, and the wait of the oldest holds its key', async () => {
    const key = randomUUID();
    await write(waits(key, { delayMs: 60_000, failure }), waits(key));
    expect(await claimKey(key)).toBeUndefined();
    expect(await heldKeys(key)).toEqual(new Map([[key, null]]));
  });

  it('keep their place and count when they fail again', async () => {
    const key = randomUUID();
    const [first, second] = [waits(key, { failure }), waits(key)];
    await write(first, second);
    const { seq, fence, firstFailedAt } = (await claimKey(key))!;
    await write({ kind: 'failed', seq, fence, delayMs: 0, failure });
    const again = (await claimKey(key))!;
    expect(again).toMatchObject({ eventId: first.eventId, attempts: 2, firstFailedAt });
    expect(Number(again.fence)).toBeGreaterThan(Number(fence));
  });

  it('can not be written under a lease that another worker took over, and nothing of the group is', async () => {
    const key = randomUUID();
    await write(waits(key));
    const stale = (await claimKey(key, 0))!;
    const taken = (await claimKey(key))!;
    expect(taken.lost).toBe(1);
    const eventId = randomUUID();
    const inbox = [{ eventId, day: dayOf(new Date()), fingerprint: Buffer.from([1]) }];
    const late = database.store.commitGroup({ consumer, inbox, held: [{ kind: 'done', ...stale }] });
    const error = await late.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LeaseLost);
    expect((error as LeaseLost).seqs).toEqual([stale.seq]);
    const known = await database.store.loadGroup({ consumer, ids: [inbox[0]!], streams: [], rows: [] });
    expect(known.seen.size).toBe(0);
    expect(await database.store.extendHeld([stale, taken], 60_000)).toEqual(new Set([taken.seq]));
    await database.store.releaseHeld([taken]);
    await expect(write({ kind: 'done', ...taken })).rejects.toThrow('LEASE_LOST');
    expect(await claimKey(key)).toMatchObject({ seq: taken.seq, lost: 1 });
  });

  it('stop behind a dead letter until it is freed', async () => {
    const key = randomUUID();
    const letter = randomUUID();
    const [first, second] = [waits(key), waits(key)];
    await write(first, second);
    const { seq, fence } = (await claimKey(key))!;
    await write({ kind: 'failed', seq, fence, delayMs: 0, failure, stoppedBy: letter });
    expect(await claimKey(key)).toBeUndefined();
    expect(await heldKeys(key)).toEqual(new Map([[key, letter]]));
    await write({ kind: 'free', deadLetterId: letter });
    expect(await claimKey(key)).toMatchObject({ eventId: second.eventId });
  });

  it('go behind the redriven message of the dead letter that stops them, when that waits too', async () => {
    const key = randomUUID();
    const letter = randomUUID();
    await write(waits(key, { failure, stoppedBy: letter }), waits(key));
    const redriven = waits(key, { origin: 'redrive', failure, replaces: letter });
    await write(redriven);
    expect(await claimKey(key)).toMatchObject({ eventId: redriven.eventId });
  });

  it('are not touched by a worker that still believes in its lease of the message that stood in their place', async () => {
    const [key, letter] = [randomUUID(), randomUUID()];
    await write(waits(key));
    const stale = (await claimKey(key, 0))!;
    const { seq, fence } = (await claimKey(key))!;
    await write({ kind: 'failed', seq, fence, delayMs: 0, failure, stoppedBy: letter });
    await write(waits(key, { origin: 'redrive', failure, replaces: letter }));
    const redriven = (await claimKey(key))!;
    expect(redriven.seq).toBe(stale.seq);
    await expect(write({ kind: 'done', seq, fence: stale.fence })).rejects.toThrow('LEASE_LOST');
    await write({ kind: 'done', seq, fence: redriven.fence });
  });

  it('free the key of the dead letter when its edited message has another', async () => {
    const [key, other, letter] = [randomUUID(), randomUUID(), randomUUID()];
    const behind = waits(key);
    await write(waits(key, { failure, stoppedBy: letter }), behind);
    const edited = waits(other, { replaces: letter });
    await write(edited);
    const ids = (await claim()).map(({ eventId }) => eventId);
    expect(ids).toEqual(expect.arrayContaining([behind.eventId, edited.eventId]));
  });

  it('have one order and one head per key, however many groups and workers come at once', async () => {
    const key = randomUUID();
    const others = Array.from({ length: 3 }, () =>
      openStore({ url: database.urlOf(`${database.service}_service`), schema: database.service }),
    );
    const stores = [database.store, ...others];
    const added: string[] = [];
    const done: string[] = [];
    const add = async (store: (typeof stores)[number]) => {
      for (let n = 0; n < 15; n += 1) {
        const message = waits(key);
        await store.commitGroup({ consumer, held: [message] });
        added.push(message.eventId);
      }
    };
    const work = async (store: (typeof stores)[number]) => {
      while (done.length < 60) {
        const claimed = await store.claimRetries({ consumer, limit: 100, leaseMs: 5_000, owner: 'spec' });
        for (const message of claimed.filter(({ orderKey }) => orderKey === key)) {
          done.push(message.seq);
          await store.commitGroup({ consumer, held: [{ kind: 'done', ...message }] });
        }
      }
    };
    await Promise.all([...stores.map(add), ...stores.map(work)]);
    expect(added).toHaveLength(60);
    expect(done).toEqual([...done].sort((one, another) => Number(one) - Number(another)));
    expect(new Set(done).size).toBe(60);
    expect(await heldKeys(key)).toEqual(new Map());
    await Promise.all(others.map((store) => store.close()));
  });

  it('are claimed for workers in a lane of their own: of each type as many as it has free, the oldest of each key', async () => {
    const [one, two] = [`spec.v1.One${randomUUID()}`, `spec.v1.Two${randomUUID()}`];
    const key = randomUUID();
    const ones = [key, key, randomUUID(), randomUUID()].map((of) => waits(of, { lane: 'queued', type: one }));
    const other = waits(key, { lane: 'queued', type: two });
    await write(waits(key, { type: one }), ...ones, other);
    const first = await claimWork({ [one]: 2, [two]: 5 });
    expect(first.map(({ eventId }) => eventId)).toEqual([ones[0]!.eventId, ones[2]!.eventId]);
    await write({ kind: 'done', ...first[0]! });
    const rest = await claimWork({ [one]: 5, [two]: 5 });
    expect(rest.map(({ eventId }) => eventId)).toEqual([ones[1]!.eventId, ones[3]!.eventId]);
    expect(await claimWork({ [two]: 0 })).toEqual([]);
    await write({ kind: 'done', ...rest[0]! });
    expect(await claimWork({ [two]: 5 })).toMatchObject([{ eventId: other.eventId }]);
  });

  it('are claimed by anybody when they have waited long and nobody has workers for their type', async () => {
    const [known, gone] = [`spec.v1.Known${randomUUID()}`, `spec.v1.Gone${randomUUID()}`];
    const stray = waits(randomUUID(), { lane: 'queued', type: gone });
    await write(stray, waits(randomUUID(), { lane: 'queued', type: known }));
    const claimStrays = async (olderMs: number) => {
      const options = {
        consumer,
        others: ['other'],
        types: [known],
        olderMs,
        limit: 1_000,
        leaseMs: 60_000,
        owner: 'spec',
      };
      const claimed = await database.store.claimStrays(options);
      return claimed.filter(({ type }) => type === known || type === gone);
    };
    expect(await claimStrays(60_000)).toEqual([]);
    expect(await claimStrays(-1)).toMatchObject([{ eventId: stray.eventId }]);
  });

  it('wait for their own consumer: a key that one holds goes on for the others, and each claims its own', async () => {
    const key = randomUUID();
    const [own, other] = [waits(key, { failure }), waits(key, { failure })];
    await write(own);
    const groupOf = (whose: string) => {
      return database.store.loadGroup({ consumer: whose, ids: [], streams: [], rows: [], orderKeys: [key] });
    };
    expect((await groupOf('other')).held).toEqual(new Map());
    await database.store.commitGroup({ consumer: 'other', held: [other] });
    expect((await groupOf('other')).held).toEqual(new Map([[key, null]]));
    const claimed = await database.store.claimRetries({ consumer: 'other', limit: 9, leaseMs: 60_000, owner: 'spec' });
    expect(claimed).toMatchObject([{ eventId: other.eventId }]);
    expect(await claimKey(key)).toMatchObject({ eventId: own.eventId });
    await database.store.commitGroup({ consumer: 'other', held: [{ kind: 'done', ...claimed[0]! }] });
    expect((await groupOf(consumer)).held).toEqual(new Map([[key, null]]));
  });

  it('are taken by the first consumer of the service once theirs is gone', async () => {
    const left = waits(randomUUID(), { failure });
    await database.store.commitGroup({ consumer: 'gone', held: [left] });
    const strays = async (others: readonly string[]) => {
      const options = { consumer, others, types: [], olderMs: -1, limit: 1_000, leaseMs: 60_000, owner: 'spec' };
      const claimed = await database.store.claimStrays(options);
      await database.store.releaseHeld(claimed);
      return claimed.map(({ eventId }) => eventId);
    };
    expect(await strays(['gone'])).not.toContain(left.eventId);
    expect(await strays([])).toContain(left.eventId);
  });

  it('tell how many they are', async () => {
    await write(waits(randomUUID(), { lane: 'queued', delayMs: 0 }));
    const depths = await database.store.heldDepths();
    expect(depths.find(({ lane }) => lane === 'queued')?.messages).toBeGreaterThan(0);
    expect(depths.find(({ lane }) => lane === 'queued')?.oldestSeconds).toBeGreaterThanOrEqual(0);
  });

  it('tell when the next may be claimed: when it is due, or when the lease on it runs out', async () => {
    const type = `spec.v1.Next${randomUUID()}`;
    const next = () => database.store.nextWorkMs(consumer, ['spec.v1.None', type]);
    expect(await next()).toBeUndefined();
    await write(waits(randomUUID(), { lane: 'queued', type, delayMs: 90_000 }));
    expect(await next()).toBeGreaterThan(80_000);
    await write(waits(randomUUID(), { lane: 'queued', type }));
    expect(await next()).toBe(0);
    await claimWork({ [type]: 1 });
    expect(await next()).toBeGreaterThan(50_000);
    expect(await next()).toBeLessThanOrEqual(60_000);
    await write(waits(randomUUID(), { failure }));
    expect(await database.store.nextRetryMs(consumer)).toBe(0);
  });

  it('are told of to whoever listens, also after its connection was cut', async () => {
    let heard = 0;
    const more = async (than: number) => {
      while (heard <= than) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const notices = database.store.onHeld(() => (heard += 1));
    await more(0);
    const [before, message] = [heard, waits(randomUUID(), { lane: 'queued', type: 'spec.v1.Told' })];
    await write(message);
    await more(before);
    const [claimed] = await claimWork({ 'spec.v1.Told': 1 });
    const connected = heard;
    await database.admin(
      `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()`,
    );
    await more(connected);
    const again = heard;
    await database.store.releaseHeld([claimed!]);
    await more(again);
    await notices.close();
  });

  it('can be changed through the functions alone', async () => {
    const asService = (text: string) => database.as(`${database.service}_service`, text);
    await expect(asService(`delete from ${database.service}.held`)).rejects.toThrow('permission denied');
    await expect(asService(`select ${database.service}.write_held('', '[]')`)).rejects.toThrow('permission denied');
  });
});

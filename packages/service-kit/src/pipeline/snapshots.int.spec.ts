import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { all } from '@towpath/contracts/catalogue';
import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { aggregate, fold } from '@towpath/event-store/fold';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { SNAPSHOT_EVENTS } from '@towpath/event-store/snapshot';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore, NewEvent, StoredEvent } from '@towpath/event-store/types';
import fc from 'fast-check';
import { foldsOf } from '../folds.js';
import { GroupState } from './group-state.js';

jest.setTimeout(180_000);

/** Depends on every event and on their order, and its names come in an order of their own. */
const accounts = aggregate<Readonly<Record<string, number>>>({
  stream: 'account',
  initial: {},
  evolve: (state, event) => {
    const { reason } = event.data as { reason: string };
    const { [reason]: before = 0, ...others } = state;
    return { [reason]: before * 3 + 1, ...others };
  },
});
const folds = foldsOf({ aggregates: [accounts] });

let database: SpecDatabase;
let store: EventStore;
/** without snapshots */
let whole: EventStore;
let schema: string;

beforeAll(async () => {
  database = await createSpecDatabase();
  schema = database.service;
  const contracts = all().map((contract) => ({ ...contract, producers: [schema] }));
  await setupDatabase({ ...database.setup, contracts });
  const url = database.urlOf(`${schema}_service`);
  store = openStore({ url, schema, foldVersion: 'this code' });
  whole = openStore({ url, schema });
}, 120_000);

afterAll(async () => {
  await store?.close();
  await whole?.close();
  await database?.drop();
});

function events(key: string, reasons: readonly string[]): NewEvent[] {
  const metadata = { correlationId: randomUUID(), causationId: randomUUID(), hops: 1, handler: 'Spec' };
  return reasons.map((reason) => ({
    ...{ id: randomUUID(), stream: accounts.of(key), type: AccountFrozen.type, data: { accountId: key, reason } },
    ...{ metadata, occurredAt: new Date() },
  }));
}

async function stateOf(key: string, from: EventStore): Promise<{ state: GroupState; read: number }> {
  const stream = accounts.of(key);
  const group = await from.loadGroup({ consumer: '', ids: [], streams: [stream], rows: [] });
  return { state: new GroupState(group, [], folds), read: group.streams.get(stream)!.length };
}

async function history(key: string): Promise<StoredEvent[]> {
  return whole.read(accounts.of(key));
}

/** What stands in the cache, whatever it is. */
async function put(key: string, version: number, foldVersion: string, hash: Buffer, state: unknown): Promise<void> {
  await database.admin(
    `insert into ${schema}.snapshots values ($1, $2, $3, $4, $5)
     on conflict (stream) do update set version = excluded.version, fold = excluded.fold, hash = excluded.hash, state = excluded.state`,
    [accounts.of(key), version, foldVersion, hash, JSON.stringify(state)] as unknown[],
  );
}

const wrong = { forged: 1 };

describe('snapshots', () => {
  it('never change a state: whichever are there, missing, of other code or of other events, it is that of a whole fold', async () => {
    // So that this store looks for snapshots at all.
    await store.append(events('first', ['x']));
    const [first] = await history('first');
    await store.keepSnapshot({ stream: accounts.of('first'), version: 1, hash: first!.hash, state: { x: 1 } });
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 }),
        fc.array(fc.record({ at: fc.nat(40), kind: fc.constantFrom('own', 'other code', 'other events', 'none') }), {
          maxLength: 3,
        }),
        async (reasons, snapshots) => {
          const key = randomUUID();
          await whole.append(events(key, reasons));
          const stored = await history(key);
          for (const { at, kind } of snapshots) {
            const prefix = stored.slice(0, 1 + (at % stored.length));
            const { version, hash, stream } = prefix.at(-1)!;
            if (kind === 'own') await store.keepSnapshot({ stream, version, hash, state: fold(accounts, prefix) });
            if (kind === 'other code') await put(key, version, 'other code', hash, wrong);
            if (kind === 'other events') await put(key, version, 'this code', Buffer.alloc(32, 7), wrong);
            if (kind === 'none') await database.admin(`delete from ${schema}.snapshots where stream = '${stream}'`);
          }
          const { state, read } = await stateOf(key, store);
          if (read < stored.length) taken += 1;
          const expected = fold(accounts, stored);
          expect(JSON.stringify(state.of(accounts, key))).toBe(JSON.stringify(expected));
          expect(state.expectedVersion(accounts.of(key))).toBe(stored.length);
        },
      ),
      { numRuns: 60 },
    );
    expect(taken).toBeGreaterThan(0);
  });

  it('are made of streams that grew long, so that the next read begins there', async () => {
    await whole.append(
      events(
        'long',
        Array.from({ length: SNAPSHOT_EVENTS }, (_, n) => `r${n % 5}`),
      ),
    );
    const first = await stateOf('long', store);
    expect(first.read).toBe(SNAPSHOT_EVENTS);
    const folded = first.state.of(accounts, 'long');
    const [kept] = first.state.snapshots();
    await store.keepSnapshot(kept!);
    await whole.append(events('long', ['new']));
    const second = await stateOf('long', store);
    expect(second.read).toBe(1);
    expect(Object.keys(second.state.of(accounts, 'long'))).toEqual(['new', ...Object.keys(folded)]);
    expect(second.state.snapshots()).toEqual([]);
    await database.admin(`truncate ${schema}.snapshots`);
    expect((await stateOf('long', store)).read).toBe(SNAPSHOT_EVENTS + 1);
  });

  it('are not taken for a stream whose hash chain they do not belong to, nor written over by older ones', async () => {
    const stream = accounts.of('long');
    const stored = await history('long');
    const [early, late] = [stored[9]!, stored[99]!];
    await store.keepSnapshot({ stream, version: late.version, hash: late.hash, state: {} });
    await store.keepSnapshot({ stream, version: early.version, hash: early.hash, state: {} });
    await store.keepSnapshot({ stream, version: 150, hash: early.hash, state: {} });
    const rows = await database.admin(`select version from ${schema}.snapshots where stream = '${stream}'`);
    expect(rows).toEqual([{ version: String(late.version) }]);
  });

  it('are written by the service through a function alone', async () => {
    const write = `insert into ${schema}.snapshots values ('s', 1, 'f', '', '{}')`;
    await expect(database.as(`${schema}_service`, write)).rejects.toThrow(/permission denied/);
  });
});

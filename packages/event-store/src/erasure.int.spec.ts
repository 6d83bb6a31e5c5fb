import { randomUUID } from 'node:crypto';
import { scanEvents } from './scan.js';
import { createSpecDatabase, specEvent, type SpecDatabase } from './spec-database.js';
import { openVault, type Vault } from './vault.js';

let database: SpecDatabase;
let triage: Vault;
let other: Vault;
const run = randomUUID().slice(0, 8);

beforeAll(async () => {
  database = await createSpecDatabase();
  const { service, other: second } = database;
  // Where triage appends what people ask for, and what triage's role may; the spec's own services have other names.
  await database.admin(`create schema triage;
    create table triage.events (stream text, type text, data jsonb, occurred_at timestamptz default clock_timestamp());
    grant usage on schema triage to vault_owner; grant select on triage.events to vault_owner;
    grant execute on function vault.erase(text, text, text[]) to ${service}_service`);
  triage = await openVault({ url: database.urlOf(`${service}_service`) });
  other = await openVault({ url: database.urlOf(`${second}_service`) });
}, 60_000);
afterAll(async () => {
  await Promise.all([triage?.close(), other?.close()]);
  await database?.drop();
});

/** An erasure as its command in triage's store asks for it. */
async function recorded(subject: string): Promise<{ erasureId: string; subject: string }> {
  const erasure = { erasureId: randomUUID(), subject };
  const text = "insert into triage.events values ('erasure-command-' || $1, 'platform.v1.EraseSubject', $2)";
  await database.admin(text, [subject, erasure]);
  return erasure;
}

describe('the vault', () => {
  it('destroys keys for a recorded erasure only, once, and writes down for which and by whom', async () => {
    const [ann, guest] = [`ann-${run}`, `guest-${run}`];
    await triage.keysFor([ann, guest]);
    await expect(triage.erase({ erasureId: 'none', subject: ann }, [ann])).rejects.toMatchObject({
      code: 'ERASURE_UNRECORDED',
    });
    const erasure = await recorded(ann);
    await expect(triage.erase({ ...erasure, subject: `bob-${run}` }, [ann])).rejects.toThrow('ERASURE_UNRECORDED');
    const first = await triage.erase(erasure, [ann, guest]);
    const again = await triage.erase(await recorded(ann), [ann, guest]);
    expect(again).toEqual(first);
    expect([...(await triage.keysFor([ann, guest])).values()]).toEqual([null, null]);
    const rows = await database.admin('select role, person, subjects from vault.erasures where erasure_id = $1', [
      erasure.erasureId,
    ]);
    expect(rows).toEqual([{ role: `${database.service}_service`, person: ann, subjects: [ann, guest] }]);
    await expect(database.admin('delete from vault.erasures')).rejects.toThrow('APPEND_ONLY');
  });

  it('makes no new key for an erased person, whoever asks', async () => {
    const subject = `eve-${run}`;
    await triage.erase(await recorded(subject), [subject]);
    expect((await other.keysFor([subject])).get(subject)).toBeNull();
  });

  it('lets a service destroy keys of dead letters and of nothing else', async () => {
    const subject = `dan-${run}`;
    const erasure = await recorded(subject);
    const id = randomUUID();
    const own = [`dead-letter:${id}`, id];
    await other.keysFor([subject, ...own]);
    await other.eraseDeadLetters(erasure, [id, subject]);
    expect([...(await other.keysFor([...own, subject])).values()]).toEqual([null, null, expect.any(Buffer)]);
    await expect(other.erase(erasure, [subject])).rejects.toThrow(/STORE_UNAVAILABLE.*42501/);
    await expect(other.eraseDeadLetters({ erasureId: 'none', subject }, ['x'])).rejects.toThrow('ERASURE_UNRECORDED');
  });
});

describe('a search of the store', () => {
  it('finds every event that says the value, in order, and no other', async () => {
    const { store } = database;
    const stream = `spec-${randomUUID()}`;
    const say = (who: string, by: string) => specEvent(stream, null, { who, by });
    await store.append([say('ann', 'x'), say('bob', 'bob'), say('ann', 'ann'), say('eve', 'x')]);
    const search = async (oneOf: Parameters<typeof scanEvents>[1]['oneOf'], types = ['spec.v1.Opened']) => {
      const found = [];
      for await (const { data } of scanEvents(store, { types, field: 'who', oneOf })) found.push(data);
      return found;
    };
    expect(await search(['ann', 'eve'])).toEqual([
      { who: 'ann', by: 'x' },
      { who: 'ann', by: 'ann' },
      { who: 'eve', by: 'x' },
    ]);
    expect(await search({ field: 'by' })).toEqual([
      { who: 'bob', by: 'bob' },
      { who: 'ann', by: 'ann' },
    ]);
    expect(await search(['ann'], ['spec.v1.Noted'])).toEqual([]);
  });

  it('ends when it is told to', async () => {
    const sought = { types: ['spec.v1.Opened'], field: 'who', oneOf: ['ann'], signal: AbortSignal.abort('enough') };
    await expect(scanEvents(database.store, sought).next()).rejects.toBe('enough');
  });
});

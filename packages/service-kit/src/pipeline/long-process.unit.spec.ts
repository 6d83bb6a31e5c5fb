import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { emit, type Emission } from '../message.js';
import type { Item } from './item.js';
import { itemOf, processorOn, RecordingStore, type Decide } from './pipeline.fixture.js';

const alert = (name: string): Emission<typeof AlertTriggered> =>
  emit(AlertTriggered, { alertId: 'a', name, severity: 'info', summary: '', alertedService: null, triggeredAt: 0 });

/** A message whose decision reads the personal data of `stream`. */
function opening(id: string, decide: Decide, stream = 'saga-content-s1'): Item {
  const item = itemOf(id, id, decide);
  const instance = { ...item.handler.instance, reads: () => ({ opens: [stream] }) };
  return { ...item, handler: { ...item.handler, emits: [AlertTriggered, SagaContentKept], instance } };
}

const keeps = opening('m1', () => [emit(SagaContentKept, { sagaId: 's1', personId: 'cus_1', content: 'ada@x.test' })]);
const tells = opening('m2', (_message, state) => [alert(String(state.opened(SagaContentKept, 's1')?.content))]);

describe('a process of many messages', () => {
  it('names its own commands, and counts them from where its story began, however long it is', async () => {
    const store = new RecordingStore();
    const story = { correlationId: 'order', hops: 2, path: ['Route@1', 'Start@2'] };
    const own: Emission = { ...alert('own'), id: '00000000-0000-8000-8000-000000000001', story };
    const item = itemOf('m1', 'a', () => [own, alert('other')]);
    await processorOn(store).process([{ ...item, message: { ...item.message, hops: 60, path: ['Far@3'] } }]);
    const [first, second] = store.commits[0]!.events!;
    expect(first).toMatchObject({ id: own.id, metadata: { correlationId: 'order', causationId: 'm1', hops: 3 } });
    expect(first!.metadata.path?.slice(0, 2)).toEqual(story.path);
    expect(second).toMatchObject({ metadata: { correlationId: 'story-m1', hops: 61 } });
  });

  it('reads the personal data that it kept, from the store and within one group, and nobody reads them in the store', async () => {
    const store = new RecordingStore();
    await processorOn(store).process([keeps]);
    await processorOn(store).process([tells]);
    expect(store.appended()[1]?.data['name']).toBe('ada@x.test');
    expect(String(store.appended()[0]?.data['content'])).toMatch(/^enc1:/);
    const together = new RecordingStore();
    await processorOn(together).process([keeps, tells]);
    expect(together.appended()[1]?.data['name']).toBe('ada@x.test');
  });

  it('finds an erased person where one was, and refuses to read what it did not name', async () => {
    const store = new RecordingStore();
    await processorOn(store).process([keeps]);
    const keysFor = async (subjects: readonly string[]) => new Map(subjects.map((subject) => [subject, null]));
    await processorOn(store, { vault: { keysFor } as never }).process([tells]);
    expect(store.appended()[1]?.data['name']).toBe('erased');
    const unnamed = { ...opening('m3', tells.handler.instance.handle as Decide, 'saga-content-s2'), attempts: 9 };
    await processorOn(store).process([unnamed]);
    expect(store.appended().at(-1)?.data['reason']).toBe('HANDLER_FAILED');
  });

  it('decides at the time of the database, and tells its timers by the clock of its own process', async () => {
    const store = new RecordingStore();
    const hour = 3_600_000;
    const load = store.loadGroup.bind(store);
    const databaseNow = Date.now() + hour;
    store.loadGroup = async (query) => ({ ...(await load(query)), now: new Date(databaseNow) });
    const told: Date[] = [];
    const dueAt = new Date(databaseNow + 5_000);
    const item = opening('m1', (_message, { now }) => [
      alert(String(now.getTime() === databaseNow)),
      { ...emit(SagaContentKept, { sagaId: 's1', personId: '', content: null }), dueAt },
    ]);
    await processorOn(store, { onTimer: (at) => told.push(at) }).process([item]);
    expect(store.appended()[0]?.data['name']).toBe('true');
    expect(store.commits[0]?.timers?.[0]?.dueAt).toEqual(dueAt);
    const ms = told[0]!.getTime() - Date.now();
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(5_000);
  });
});

import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { LeaseLost, StoreRefusal, StoreUnavailable, VersionConflict } from '@towpath/event-store/errors';
import fc from 'fast-check';
import { pino } from 'pino';
import { Permanent } from '../permanent.js';
import type { Item } from './item.js';
import { itemOf, processorOn, recordWhatIsSeen, RecordingStore, type Decide } from './pipeline.fixture.js';

const changes = (store: RecordingStore): unknown[] => store.appended().map(({ data }) => data['name']);

/** What was put with those that wait, in order. */
const held = (store: RecordingStore) =>
  store.commits.flatMap((commit) => commit.held ?? []).filter((write) => write.kind === 'add');

/** Fails the first `times` decisions, then decides as usual. */
function failing(times: number): Decide {
  let left = times;
  return (message, state) => {
    left -= 1;
    if (left >= 0) throw new TypeError('not yet');
    return recordWhatIsSeen(message, state);
  };
}

describe('the processing rule', () => {
  it('decides many messages of one group as if they had come one by one, however they are grouped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), cut: fc.boolean() }), {
          minLength: 1,
          maxLength: 30,
        }),
        async (messages) => {
          const oneByOne = new RecordingStore();
          for (const [index, { key }] of messages.entries())
            await processorOn(oneByOne).process([itemOf(`m${index}`, key)]);
          const grouped = new RecordingStore();
          const group: ReturnType<typeof itemOf>[] = [];
          for (const [index, { key, cut }] of messages.entries()) {
            group.push(itemOf(`m${index}`, key));
            if (cut) await processorOn(grouped).process(group.splice(0));
          }
          await processorOn(grouped).process(group);
          expect(changes(grouped)).toEqual(changes(oneByOne));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('drops repeats of the inbox and within the group, and counts them on the first', async () => {
    const store = new RecordingStore();
    await processorOn(store).process([itemOf('m1', 'a')]);
    await processorOn(store).process([itemOf('m1', 'a'), itemOf('m2', 'a'), itemOf('m2', 'a')]);
    expect(changes(store)).toEqual(['0/0', '1/1']);
    expect(store.commits[1]?.repeats?.map(({ eventId, count }) => [eventId, count])).toEqual([
      ['m1', 1],
      ['m2', 1],
    ]);
  });

  it('keeps what is decided of a reused id apart from what was decided of the first', async () => {
    const store = new RecordingStore();
    const variant = (print: string) => {
      const item = itemOf('m1', 'a', undefined, print);
      return {
        ...item,
        handler: { ...item.handler, instance: { ...item.handler.instance, fingerprint: () => print } },
      };
    };
    for (const print of ['first', 'second', 'third', 'first', 'third'])
      await processorOn(store).process([variant(print)]);
    const ids = store.commits.flatMap(({ events }) => events?.map(({ id }) => id) ?? []);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
  });

  it('gives the same ids when it decides again', async () => {
    const [first, second] = [new RecordingStore(), new RecordingStore()];
    await processorOn(first).process([itemOf('m1', 'a')]);
    await processorOn(second).process([itemOf('m1', 'a')]);
    expect(first.commits[0]?.events?.[0]?.id).toBe(second.commits[0]?.events?.[0]?.id);
  });

  it('lets a throwing message hold back only later messages of its own key, also in later groups, in their order', async () => {
    const store = new RecordingStore();
    const processor = processorOn(store, { random: () => 0.5 });
    await processor.process([itemOf('a1', 'a', failing(1)), itemOf('b1', 'b'), itemOf('a2', 'a'), itemOf('b2', 'b')]);
    await processor.process([itemOf('a3', 'a'), itemOf('b3', 'b'), itemOf('a1', 'a')]);
    expect(changes(store)).toEqual(['0/0', '1/1', '2/2']);
    expect(held(store)).toMatchObject([
      { eventId: 'a1', orderKey: 'a', lane: 'inline', delayMs: 500, retries: 3, failure: { code: 'HANDLER_FAILED' } },
      { eventId: 'a2', orderKey: 'a', lane: 'inline', delayMs: 0 },
      { eventId: 'a3', orderKey: 'a', lane: 'inline', delayMs: 0 },
    ]);
    // Each is in the inbox once, whether it was decided or waits.
    expect([...store.inbox.keys()].sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
    expect(store.commits[1]?.repeats).toMatchObject([{ eventId: 'a1', count: 1 }]);
  });

  it('tries a message that waited under its lease, whatever the inbox knows, and gives its row up with the decision', async () => {
    const store = new RecordingStore();
    const processor = processorOn(store, { random: () => 0.5 });
    await processor.process([itemOf('a1', 'a', failing(1))]);
    const claimed = (decide?: Decide): Item => ({
      ...itemOf('a1', 'a', decide),
      held: { seq: '1', fence: '7' },
      attempts: 1,
    });
    await processor.process([claimed(failing(1))]);
    await processor.process([claimed()]);
    expect(store.commits.slice(1).map(({ held: writes, inbox }) => [writes, inbox])).toMatchObject([
      [[{ kind: 'failed', seq: '1', fence: '7', delayMs: 1_000 }], []],
      [[{ kind: 'done', seq: '1', fence: '7' }], []],
    ]);
    expect(changes(store)).toEqual(['0/0']);
  });

  it('gives a message of a queued handler to the workers, and decides it with what the work gave or how it failed', async () => {
    const store = new RecordingStore();
    const processor = processorOn(store, { random: () => 0.5 });
    const queued = (id: string, more: Partial<Item> = {}): Item => {
      const item = itemOf(id, 'a');
      return { ...item, ...more, handler: { ...item.handler, queued: { concurrency: 1, timeoutMs: 1 } } };
    };
    const claimed = { held: { seq: '1', fence: '7' } };
    const refusal = { code: 'WORK_TIMEOUT', message: '', stack: null, permanent: false };
    await processor.process([itemOf('a1', 'a', failing(1)), queued('a2')]);
    expect(held(store)).toMatchObject([
      { eventId: 'a1', lane: 'inline' },
      { eventId: 'a2', lane: 'queued', delayMs: 0 },
    ]);
    await processor.process([queued('a2', { ...claimed, refusal })]);
    await processor.process([queued('a2', { ...claimed, work: { result: 1 } })]);
    expect(store.commits.slice(1).map((commit) => commit.held)).toMatchObject([
      [{ kind: 'failed', ...claimed.held, delayMs: 500, failure: { code: 'WORK_TIMEOUT' } }],
      [{ kind: 'done', ...claimed.held }],
    ]);
    expect(changes(store)).toEqual(['0/0']);
    // Its handler was inline when it came.
    await processor.process([queued('a3', claimed)]);
    expect(store.commits.at(-1)?.held).toMatchObject([
      { kind: 'done', ...claimed.held },
      { kind: 'add', eventId: 'a3', lane: 'queued' },
    ]);
  });

  it('writes nothing of a message whose lease another worker has, and all of the others', async () => {
    const store = new RecordingStore();
    store.failures.push(new LeaseLost(['1']));
    const claimed = { ...itemOf('a1', 'a'), held: { seq: '1', fence: '7' }, attempts: 1 };
    await processorOn(store).process([claimed, itemOf('b1', 'b')]);
    expect(store.commits.flatMap(({ inbox }) => inbox?.map(({ eventId }) => eventId))).toEqual(['b1']);
    expect(store.commits[0]?.held).toEqual([]);
  });

  it('says of each retry which it is, when it comes and why', async () => {
    const lines: { msg: string; correlation_id: string }[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
    await processorOn(new RecordingStore(), { random: () => 0.6, logger }).process([
      { ...itemOf('a1', 'a', failing(9)), attempts: 1, held: { seq: '1', fence: '1' } },
    ]);
    expect(lines.map(({ msg, correlation_id }) => [msg, correlation_id])).toContainEqual([
      'retry 2/3 in 1.2 s: HANDLER_FAILED',
      'story-a1',
    ]);
  });

  it('gives a message up after its last retry, byte for byte, and its key goes on', async () => {
    const store = new RecordingStore();
    const value = Buffer.from([0, 255, 1]);
    const record = {
      topic: 't',
      partition: 3,
      offset: '7',
      timestamp: 0,
      key: Buffer.from('a'),
      value,
      headers: {},
      rawHeaders: {},
    };
    const last = { ...itemOf('a1', 'a', failing(9)), record, attempts: 3, firstFailedAt: new Date(5) };
    await processorOn(store).process([last, itemOf('a2', 'a')]);
    const [letter, next] = store.appended();
    expect(letter).toMatchObject({
      type: DeadLettered.type,
      data: {
        reason: 'HANDLER_FAILED',
        attempts: 4,
        firstFailedAt: 5,
        keyHeld: false,
        originTopic: 't',
        originOffset: '7',
      },
    });
    expect(next?.data['name']).toBe('0/0');
    expect([...store.inbox.keys()]).toEqual(['a1', 'a2']);
  });

  it('stops the key of a strict handler with its dead letter until that is redriven or discarded', async () => {
    const store = new RecordingStore();
    const strict = (id: string, decide?: Decide): Item => {
      const item = itemOf(id, 'a', decide);
      return { ...item, handler: { ...item.handler, strict: true } };
    };
    const refuses: Decide = () => {
      throw new Permanent('NO_SUCH_PAYMENT', 'nobody knows it');
    };
    const processor = processorOn(store);
    await processor.process([strict('a1', refuses), strict('a2')]);
    await processor.process([strict('a3')]);
    const { deadLetterId, keyHeld } = store.appended()[0]!.data as { deadLetterId: string; keyHeld: boolean };
    expect(keyHeld).toBe(true);
    expect(held(store)).toMatchObject([
      { eventId: 'a1', stoppedBy: deadLetterId },
      { eventId: 'a2' },
      { eventId: 'a3' },
    ]);
    // Only the message of that very dead letter gets past those that wait.
    const command = {
      topic: 'c',
      partition: 0,
      offset: '1',
      timestamp: 0,
      key: null,
      value: null,
      headers: {},
      rawHeaders: {},
    };
    const redriven = (id: string) => ({
      ...strict(`redrive-${id}`),
      redrive: { deadLetterId: id, attempts: 1, command },
    });
    await processor.process([redriven('another')]);
    expect(store.appended()).toHaveLength(1);
    await processor.process([redriven(deadLetterId)]);
    expect(store.appended()).toHaveLength(2);
    expect(store.commits.at(-1)?.held).toEqual([{ kind: 'free', deadLetterId }]);
  });

  it('never stores the bytes of a dead letter readable', async () => {
    const store = new RecordingStore();
    const value = Buffer.from('card 4242');
    const record = {
      topic: 't',
      partition: 0,
      offset: '0',
      timestamp: 0,
      key: null,
      value,
      headers: {},
      rawHeaders: {},
    };
    await processorOn(store).process([{ ...itemOf('a1', 'a', failing(9)), record, attempts: 3 }]);
    const stored = Buffer.from(String(store.appended()[0]?.data['messageValue']), 'base64');
    expect(stored.includes('4242')).toBe(false);
  });

  it('gives a permanent failure up at once', async () => {
    const store = new RecordingStore();
    const refuses: Decide = () => {
      throw new Permanent('NO_SUCH_PAYMENT', 'nobody knows it');
    };
    await processorOn(store).process([itemOf('a1', 'a', refuses)]);
    expect(store.appended()[0]?.data).toMatchObject({ reason: 'NO_SUCH_PAYMENT', attempts: 1 });
  });

  it('makes a dead letter of a message that Postgres can not store', async () => {
    const store = new RecordingStore();
    store.failures.push(new StoreRefusal('UNSTORABLE', 'U+0000'), new StoreRefusal('UNSTORABLE', 'U+0000'));
    await processorOn(store).process([itemOf('a1', 'a'), itemOf('b1', 'b')]);
    expect(store.appended().map(({ data }) => data['reason'] ?? data['name'])).toEqual(['UNSTORABLE', '0/0']);
  });

  it('gives up a message at the end of a causal chain that is too long, and names the chain', async () => {
    const store = new RecordingStore();
    const item = itemOf('a1', 'a');
    await processorOn(store).process([{ ...item, message: { ...item.message, hops: 64, path: ['A@1', 'B@1'] } }]);
    expect(store.appended()[0]?.data).toMatchObject({
      reason: 'LOOP',
      path: expect.stringContaining('A@1 → B@1 → RecordWhatIsSeen@') as string,
    });
  });

  it('reads and decides again after a conflict with another replica', async () => {
    const store = new RecordingStore();
    store.failures.push(new VersionConflict('alert-a', 0, 1));
    await processorOn(store).process([itemOf('a1', 'a')]);
    expect(changes(store)).toEqual(['0/0']);
  });

  it('halves a group that Postgres refuses until the culprit is alone', async () => {
    const store = new RecordingStore();
    const refusal = new StoreRefusal('STORE_REFUSED', 'bad content');
    // The whole, then the half with the culprit, then the culprit itself.
    store.failures.push(refusal, refusal, refusal);
    await processorOn(store).process(['a', 'b', 'c', 'd'].map((key) => itemOf(key, key)));
    const types = store
      .appended()
      .map(({ type, data }) => (type === DeadLettered.type ? data['reason'] : data['name']));
    expect(types).toEqual(['STORE_REFUSED', '0/0', '0/1', '0/2']);
  });

  it('acknowledges nothing while the store is away', async () => {
    const store = new RecordingStore();
    store.failures.push(new StoreUnavailable('connection refused'));
    await expect(processorOn(store).process([itemOf('a1', 'a')])).rejects.toThrow('STORE_UNAVAILABLE');
    expect(store.inbox.size).toBe(0);
  });
});

import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { StoreRefusal, StoreUnavailable, VersionConflict } from '@towpath/event-store/errors';
import fc from 'fast-check';
import { Permanent } from '../permanent.js';
import { itemOf, processorOn, recordWhatIsSeen, RecordingStore, type Decide } from './pipeline.fixture.js';

const changes = (store: RecordingStore): unknown[] => store.appended().map(({ data }) => data['name']);

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

  it('lets a throwing message hold back only later messages of its own key, and keeps their order', async () => {
    const store = new RecordingStore();
    const group = [itemOf('a1', 'a', failing(1)), itemOf('b1', 'b'), itemOf('a2', 'a'), itemOf('b2', 'b')];
    await processorOn(store).process(group);
    expect(store.commits.map(({ inbox }) => inbox?.map(({ eventId }) => eventId))).toEqual([
      ['b1', 'b2'],
      ['a1'],
      ['a2'],
    ]);
  });

  it('gives a message up after three attempts within 200 ms, byte for byte, and its key goes on', async () => {
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
    const startedAt = performance.now();
    await processorOn(store).process([{ ...itemOf('a1', 'a', failing(9)), record }, itemOf('a2', 'a')]);
    expect(performance.now() - startedAt).toBeLessThan(200);
    const [letter, next] = store.appended();
    expect(letter).toMatchObject({
      type: DeadLettered.type,
      data: { reason: 'HANDLER_FAILED', attempts: 3, originTopic: 't', originPartition: 3, originOffset: '7' },
    });
    expect(next?.data['name']).toBe('0/0');
    expect([...store.inbox.keys()]).toEqual(['a1', 'a2']);
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
    await processorOn(store).process([{ ...itemOf('a1', 'a', failing(9)), record }]);
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
      detail: expect.stringContaining('A@1 > B@1') as string,
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

import type { OutboundRecord } from '@towpath/kafka/record';
import type { EventRow } from './event-row.js';
import { captureRow } from './event-row.fixture.js';
import { OrderedSender, type OrderedSenderOptions, type Outgoing } from './ordered-sender.js';

/** A broker that answers as told, call by call; after that it takes everything. */
class FakeBroker {
  readonly calls: string[][] = [];
  readonly answers: ((records: OutboundRecord[]) => Promise<void>)[] = [];

  send = async (records: OutboundRecord[]): Promise<void> => {
    this.calls.push(records.map(({ key }) => key));
    await (this.answers.shift() ?? (() => Promise.resolve()))(records);
  };
}

const tooLarge = Object.assign(new Error('too large'), { code: 'RECORD_TOO_LARGE' });

function harness(changes: Partial<OrderedSenderOptions> = {}) {
  const broker = new FakeBroker();
  const settled: string[] = [];
  const diverted: string[] = [];
  const failures: Error[] = [];
  let quiet: () => void = () => undefined;
  const held = new Set<string>();
  const sender = new OrderedSender({
    send: broker.send,
    permitted: () => Promise.resolve(),
    isHeld: (row) => held.has(row.stream),
    divert: (outgoing, cause) => {
      if (cause) held.add(outgoing.row.stream);
      diverted.push(outgoing.record.key);
      outgoing.settled('parked');
    },
    isRecordFault: (error) => error === tooLarge,
    onFailed: (error) => {
      failures.push(error);
      quiet();
    },
    onAcknowledged: () => undefined,
    onProgress: () => undefined,
    logger: { warn: () => undefined },
    ...changes,
  });
  let expected = 0;
  const add = (...keys: string[]): void => {
    for (const key of keys) sender.add(outgoing(key, settled, () => settled.length === expected && quiet()));
    sender.flush();
  };
  /** resolves when so many rows are settled, or the sender has failed */
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      expected = count;
      quiet = resolve;
      if (settled.length === count || failures.length > 0) resolve();
    });
  return { sender, broker, settled, diverted, failures, add, until };
}

function outgoing(key: string, settled: string[], then: () => void): Outgoing {
  const row: EventRow = captureRow({ stream: key.split('/')[0] ?? key });
  const record = { topic: 't', key, value: Buffer.alloc(1), headers: {} };
  return { row, record, bytes: 10, settled: () => (settled.push(key), then()) };
}

describe('OrderedSender', () => {
  it('sends everything that came during a send in the next one', async () => {
    const { broker, add, until } = harness();
    let release: () => void = () => undefined;
    broker.answers.push(() => new Promise((resolve) => (release = resolve)));
    add('a');
    add('b');
    add('c');
    await Promise.resolve();
    release();
    await until(3);
    expect(broker.calls).toEqual([['a'], ['b', 'c']]);
  });

  it('repeats a failed send, whole and before anything behind it', async () => {
    const { broker, settled, add, until, sender } = harness();
    broker.answers.push(
      () => Promise.reject(new Error('broker away')),
      () => Promise.reject(new Error('broker away')),
    );
    add('a', 'b');
    add('c');
    await until(3);
    expect(broker.calls).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
    expect(settled).toEqual(['a', 'b', 'c']);
    expect(sender.consecutiveFailures).toBe(0);
  });

  it('settles nothing before the broker has acknowledged', async () => {
    const { broker, settled, add, until, sender } = harness();
    let release: () => void = () => undefined;
    broker.answers.push(() => new Promise((resolve) => (release = resolve)));
    add('a');
    await Promise.resolve();
    expect(settled).toEqual([]);
    expect(sender.bufferedBytes).toBe(10);
    release();
    await until(1);
    expect(sender.bufferedBytes).toBe(0);
  });

  it('diverts only the refused record and those behind it in its stream', async () => {
    const { broker, diverted, settled, add, until } = harness();
    const refuseSecond = (records: OutboundRecord[]): Promise<void> =>
      records.some(({ key }) => key === 'a/2') ? Promise.reject(tooLarge) : Promise.resolve();
    broker.answers.push(refuseSecond, refuseSecond, refuseSecond, refuseSecond, refuseSecond);
    add('a/1', 'b/1', 'a/2', 'b/2', 'a/3');
    add('a/4', 'b/3');
    await until(7);
    expect(diverted).toEqual(['a/2', 'a/3', 'a/4']);
    expect(settled).toEqual(['a/1', 'b/1', 'a/2', 'b/2', 'a/3', 'a/4', 'b/3']);
    expect(broker.calls.at(-1)).toEqual(['b/3']);
  });

  it('sends nothing without permission and ends the session instead', async () => {
    const { broker, failures, add, until } = harness({ permitted: () => Promise.reject(new Error('lease lost')) });
    add('a');
    await until(1);
    expect(failures[0]?.message).toBe('lease lost');
    expect(broker.calls).toEqual([]);
  });

  it('keeps a call within the size that one request takes', async () => {
    const { broker, until, sender, settled } = harness();
    const big = (key: string): Outgoing => ({ ...outgoing(key, settled, () => undefined), bytes: 150_000 });
    const last = new Promise<void>((resolve) => {
      sender.add(big('a'));
      sender.add(big('b'));
      sender.add({ ...big('c'), settled: () => resolve() });
    });
    sender.flush();
    await last;
    await until(2);
    expect(broker.calls).toEqual([['a'], ['b'], ['c']]);
  });
});

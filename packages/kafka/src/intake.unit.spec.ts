import { Intake, type IntakeOptions } from './intake.js';
import type { Chunk } from './lane.js';
import type { InboundRecord } from './record.js';

describe('intake', () => {
  it('hands over one group at a time, with everything that arrived meanwhile over all partitions', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords });
    void intake.offer(chunk(0, ['a']));
    await handler.calls(1);
    void intake.offer(chunk(0, ['b']));
    void intake.offer(chunk(1, ['c', 'd']));
    expect(handler.groups).toEqual([['a']]);
    handler.finish();
    await handler.calls(2);
    expect(handler.groups).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('counts a chunk as handled only after its group settled', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords });
    void intake.offer(chunk(0, ['a'], '7'));
    await handler.calls(1);
    expect(intake.takeHandled()).toEqual([]);
    handler.finish();
    await intake.close();
    expect(intake.takeHandled()).toEqual([expect.objectContaining({ partition: 0, nextOffset: '7' })]);
  });

  it('moves on over records nobody accepts, without a call', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords });
    await intake.offer(chunk(2, [], '99'));
    await nextTurn();
    expect(handler.groups).toEqual([]);
    expect(intake.takeHandled()).toEqual([expect.objectContaining({ partition: 2, nextOffset: '99' })]);
  });

  it('holds back the reader while the bounds are reached', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords, pendingRecordsMax: 2 });
    void intake.offer(chunk(0, ['a']));
    await handler.calls(1);
    let released = false;
    void intake.offer(chunk(0, ['b', 'c'])).then(() => (released = true));
    await nextTurn();
    expect(released).toBe(false);
    handler.finish();
    await handler.calls(2);
    await nextTurn();
    expect(released).toBe(true);
  });

  it('after a failure reports it once, hands over nothing more and counts nothing of the group', async () => {
    const failures: string[] = [];
    const intake = intakeWith({
      onRecords: () => Promise.reject(new SyntaxError('bad')),
      onFailure: ({ code }) => failures.push(code),
    });
    void intake.offer(chunk(0, ['a']));
    await nextTurn();
    void intake.offer(chunk(0, ['b']));
    await nextTurn();
    expect(failures).toEqual(['HANDLER_FAILED']);
    expect(intake.takeHandled()).toEqual([]);
  });

  it('forgets what waits when the assignment changes', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords });
    void intake.offer(chunk(0, ['a']));
    await handler.calls(1);
    void intake.offer(chunk(0, ['b']));
    intake.dropWaiting();
    handler.finish();
    await intake.close();
    expect(handler.groups).toEqual([['a']]);
  });

  it('takes a group of at most the given number of records, or one chunk', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords, groupRecordsMax: 2 });
    void intake.offer(chunk(0, ['a', 'b', 'c']));
    void intake.offer(chunk(1, ['d']));
    await handler.calls(1);
    handler.finish();
    await handler.calls(2);
    expect(handler.groups).toEqual([['a', 'b', 'c'], ['d']]);
  });
});

describe('intake with topics that go first', () => {
  const first = new Set(['beginnings']);

  it('takes what waits of them before the others, which get what room is left', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords, groupRecordsMax: 3, first });
    void intake.offer(chunk(0, ['now']));
    await handler.calls(1);
    for (const value of ['1', '2', '3']) void intake.offer(chunk(0, [value]));
    for (const value of ['a', 'b', 'c', 'd']) void intake.offer({ ...chunk(0, [value]), topic: 'beginnings' });
    for (const calls of [2, 3, 4]) {
      handler.finish();
      await handler.calls(calls);
    }
    expect(handler.groups).toEqual([['now'], ['a', 'b', 'c'], ['d', '1', '2'], ['3']]);
  });

  it('takes a chunk of the others after three groups that had no room for one, however many of those that go first wait', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords, groupRecordsMax: 1, first });
    void intake.offer(chunk(0, ['now']));
    await handler.calls(1);
    for (const value of ['1', '2']) void intake.offer(chunk(0, [value]));
    for (const value of 'abcdefghi') void intake.offer({ ...chunk(0, [value]), topic: 'beginnings' });
    for (const calls of [2, 3, 4, 5, 6, 7, 8, 9]) {
      handler.finish();
      await handler.calls(calls);
    }
    expect(handler.groups.slice(1).map((group) => group.join(''))).toEqual(['a', 'b', 'c', 'd1', 'e', 'f', 'g', 'h2']);
  });

  it('goes on fetching them while there is no room for the others, which are fetched again when there is', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords, groupRecordsMax: 3, pendingRecordsMax: 2, first });
    const told: string[] = [];
    const pause = () => {
      told.push('paused');
      return () => told.push('resumed');
    };
    void intake.offer(chunk(0, ['now']));
    await handler.calls(1);
    const full = intake.offer({ ...chunk(0, ['1', '2']), pause });
    await full;
    expect(told).toEqual(['paused']);
    await intake.offer({ ...chunk(0, ['a']), topic: 'beginnings', pause });
    expect(told).toEqual(['paused']);
    handler.finish();
    await handler.calls(2);
    expect(handler.groups).toEqual([['now'], ['a', '1', '2']]);
    expect(told).toEqual(['paused', 'resumed']);
  });

  it('lets paused partitions be fetched again after a rebalance', async () => {
    const handler = controllableHandler();
    const intake = intakeWith({ onRecords: handler.onRecords, pendingRecordsMax: 1, first });
    let paused = 0;
    void intake.offer(chunk(0, ['now']));
    await handler.calls(1);
    const pause = () => {
      paused += 1;
      return () => (paused -= 1);
    };
    await intake.offer({ ...chunk(0, ['1']), pause });
    expect(paused).toBe(1);
    intake.dropWaiting();
    expect(paused).toBe(0);
  });
});

function intakeWith(options: Partial<IntakeOptions>): Intake {
  return new Intake({
    onRecords: () => Promise.resolve(),
    onFailure: () => undefined,
    groupRecordsMax: 100,
    pendingRecordsMax: 1_000,
    pendingBytesMax: 1_000_000,
    now: () => 0,
    ...options,
  });
}

function chunk(partition: number, values: string[], nextOffset = '1'): Chunk {
  const records = values.map((value): InboundRecord => {
    const base = { topic: 't', partition, offset: '0', timestamp: 0, key: null, headers: {}, rawHeaders: {} };
    return { ...base, value: Buffer.from(value) };
  });
  return { topic: 't', partition, records, bytes: values.length, nextOffset };
}

function controllableHandler() {
  const groups: string[][] = [];
  let finish: () => void = () => undefined;
  return {
    groups,
    finish: () => finish(),
    onRecords: (records: InboundRecord[]) => {
      groups.push(records.map(({ value }) => String(value)));
      return new Promise<void>((resolve) => (finish = resolve));
    },
    calls: async (count: number) => {
      while (groups.length < count) await nextTurn();
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

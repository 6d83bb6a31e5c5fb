import type { Kafka } from 'kafkajs';
import { LagWatch } from './lag-watch.js';

describe('lag watch', () => {
  const assignment = new Set(['t/0']);

  it('finds a consumer that is behind and gets nothing', async () => {
    const watch = new LagWatch(brokerWith({ committed: '3', end: '10' }), 'g');
    watch.note('t', 0, '4');
    expect(await watch.look(assignment)).toBeUndefined();
    expect(await watch.look(assignment)).toMatchObject({ code: 'LAG_STALLED' });
  });

  it('is content while positions move, however far behind', async () => {
    const watch = new LagWatch(brokerWith({ committed: '3', end: '10000' }), 'g');
    for (const offset of ['4', '5', '6']) {
      watch.note('t', 0, offset);
      expect(await watch.look(assignment)).toBeUndefined();
    }
  });

  it('is content at the end of the log, also of one never read from', async () => {
    const read = new LagWatch(brokerWith({ committed: '-1', end: '5' }), 'g');
    read.note('t', 0, '4');
    await read.look(assignment);
    expect(await read.look(assignment)).toBeUndefined();
    const unread = new LagWatch(brokerWith({ committed: '-1', end: '0' }), 'g');
    await unread.look(assignment);
    expect(await unread.look(assignment)).toBeUndefined();
  });

  it('minds only the partitions it owns', async () => {
    const watch = new LagWatch(brokerWith({ committed: '0', end: '10' }), 'g');
    const others = new Set(['t/1']);
    await watch.look(others);
    expect(await watch.look(others)).toBeUndefined();
  });
});

function brokerWith({ committed, end }: { committed: string; end: string }): Kafka {
  const admin = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    fetchOffsets: () => Promise.resolve([{ topic: 't', partitions: [{ partition: 0, offset: committed }] }]),
    fetchTopicOffsets: () => Promise.resolve([{ partition: 0, offset: end, low: '0', high: end }]),
  };
  return { admin: () => admin } as unknown as Kafka;
}

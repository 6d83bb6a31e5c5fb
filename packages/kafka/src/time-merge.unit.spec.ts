import fc from 'fast-check';
import { TimeMerge } from './time-merge.js';

interface Item {
  readonly partition: number;
  readonly timestamp: number;
  readonly offset: number;
}

const item = (partition: number, timestamp: number, offset = 0): Item => ({ partition, timestamp, offset });

async function all(merge: TimeMerge<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const one of merge) found.push(one);
  return found;
}

describe('records of several partitions', () => {
  it('come by time, and those of one partition in their own order, however they arrive', async () => {
    const partitions = fc.array(fc.array(fc.nat(50), { maxLength: 12 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(partitions, fc.infiniteStream(fc.nat(3)), async (times, picks) => {
        const lines = times.map((line, partition) =>
          line.toSorted((one, other) => one - other).map((at, offset) => item(partition, at, offset)),
        );
        const left = lines.map((line) => [...line]);
        const merge = new TimeMerge<Item>(lines.keys(), 1_000);
        const reading = all(merge);
        for (const [partition, line] of left.entries()) if (line.length === 0) merge.finish(partition);
        while (left.some(({ length }) => length > 0)) {
          const open = left.flatMap((line, partition) => (line.length > 0 ? [partition] : []));
          const partition = open[picks.next().value! % open.length]!;
          await merge.push(left[partition]!.shift()!);
          if (left[partition]!.length === 0) merge.finish(partition);
        }
        merge.end();
        const found = await reading;
        expect(found.map(({ timestamp }) => timestamp)).toEqual(
          lines
            .flat()
            .map(({ timestamp }) => timestamp)
            .toSorted((one, other) => one - other),
        );
        for (const [partition, line] of lines.entries()) {
          expect(found.filter((one) => one.partition === partition)).toEqual(line);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('wait for a partition that has said nothing yet', async () => {
    const merge = new TimeMerge<Item>([0, 1], 10);
    const reading = merge[Symbol.asyncIterator]();
    await merge.push(item(0, 5));
    const first = reading.next();
    await merge.push(item(1, 3));
    expect((await first).value).toEqual(item(1, 3));
    merge.finish(1);
    expect((await reading.next()).value).toEqual(item(0, 5));
  });

  it('are paused where one partition runs ahead, and go on when it has been read', async () => {
    const merge = new TimeMerge<Item>([0, 1], 2);
    const said: string[] = [];
    const pause = () => (said.push('paused'), () => void said.push('resumed'));
    for (const at of [1, 2, 3]) await merge.push(item(0, at));
    merge.batchDone(0, pause);
    expect(said).toEqual(['paused']);
    merge.finish(1);
    const reading = merge[Symbol.asyncIterator]();
    for (let taken = 0; taken < 3; taken += 1) await reading.next();
    expect(said).toEqual(['paused', 'resumed']);
  });

  it('end with what ended the read', async () => {
    const merge = new TimeMerge<Item>([0], 10);
    await merge.push(item(0, 1));
    merge.end(new Error('gone'));
    const reading = merge[Symbol.asyncIterator]();
    expect((await reading.next()).value).toEqual(item(0, 1));
    await expect(reading.next()).rejects.toThrow('gone');
    expect(await merge.push(item(0, 2))).toBe(false);
  });
});

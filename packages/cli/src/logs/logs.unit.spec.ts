import picocolors from 'picocolors';
import { logText, parseLogLine, passesLog } from './log-line.js';
import { mergeByTime } from './merge.js';

const plain = picocolors.createColors(false);
const json = (fields: object): string => JSON.stringify({ level: 'info', time: '2026-01-31T12:00:00.123Z', ...fields });

async function* of<T>(...items: T[]): AsyncGenerator<T> {
  for (const item of items) yield item;
}

describe('merging of logs', () => {
  it('is by time over all files, each file in its own order', async () => {
    const one = of({ at: 1, from: 'a' }, { at: 4, from: 'a' });
    const other = of({ at: 2, from: 'b' }, { at: 4, from: 'b' }, { at: 5, from: 'b' });
    const merged: string[] = [];
    for await (const { at, from } of mergeByTime([one, other, of<{ at: number; from: string }>()]))
      merged.push(`${from}${at}`);
    expect(merged).toEqual(['a1', 'b2', 'a4', 'b4', 'b5']);
  });

  it('of nothing is nothing', async () => {
    expect((await mergeByTime([]).next()).done).toBe(true);
  });
});

describe('log lines', () => {
  it('of a service keep time, story and fields', () => {
    const line = parseLogLine(json({ service: 'fraud', correlation_id: 'abc', msg: 'event.processed', ms: 3 }), 'f', 0);
    expect(line).toEqual({
      service: 'fraud',
      at: Date.parse('2026-01-31T12:00:00.123Z'),
      level: 'info',
      correlationId: 'abc',
      message: 'event.processed',
      fields: { ms: 3 },
    });
  });

  it('of Postgres have the time in front, as UTC when they say so', () => {
    const line = parseLogLine('2026-01-31 12:00:00.123 UTC [7] ERROR:  no', 'postgres', 0);
    expect(line).toMatchObject({ service: 'postgres', at: Date.parse('2026-01-31T12:00:00.123Z'), level: 'error' });
  });

  it('without a time belong to the line before', () => {
    expect(parseLogLine('    at Object.<anonymous>', 'kafka', 42)).toMatchObject({ at: 42, level: 'info' });
    expect(parseLogLine('{"broken', 'kafka', 42)).toMatchObject({ at: 42, message: '{"broken' });
  });

  it.each([
    [{ service: 'fraud' }, true],
    [{ service: 'triage' }, false],
    [{ correlation: 'ab' }, true],
    [{ correlation: 'bc' }, false],
    [{ level: 'info' }, true],
    [{ level: 'warn' }, false],
  ])('pass the filter %j: %s', (filter, passed) => {
    const line = parseLogLine(json({ service: 'fraud', correlation_id: 'abc', msg: 'm' }), 'f', 0);
    expect(passesLog(filter, line)).toBe(passed);
  });

  it('cannot steer the terminal', () => {
    const line = parseLogLine(json({ service: 'fraud', msg: 'a\u001b[2Jb' }), 'f', 0);
    expect(logText(line, plain)).toContain('a\uFFFD[2Jb');
  });
});

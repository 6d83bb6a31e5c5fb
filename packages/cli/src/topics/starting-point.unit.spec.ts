import { parseEndingPoint, parseStartingPoint, parseStarts } from './starting-point.js';

const noon = new Date('2026-01-31T12:00:00Z');

describe('where to begin', () => {
  it('is the beginning, the end, so many before it, an offset or a time', () => {
    expect(parseStartingPoint('beginning')).toBe('beginning');
    expect(parseStartingPoint('latest')).toBe('latest');
    expect(parseStartingPoint('live')).toBe('latest');
    expect(parseStartingPoint('latest:5')).toEqual({ last: 5 });
    expect(parseStartingPoint('offset:42')).toEqual({ offset: '42' });
    expect(parseStartingPoint('time:2026-01-31T12:00:00Z')).toEqual({ time: noon });
  });

  it('may differ by partition', () => {
    const { rest, of } = parseStarts(['latest:10', '2=offset:42', '0=time:2026-01-31T12:00:00Z']);
    expect(rest).toEqual({ last: 10 });
    expect([...of]).toEqual([
      [2, { offset: '42' }],
      [0, { time: noon }],
    ]);
  });

  it.each(['', 'offset:', 'offset:-1', 'time:tomorrow', 'end', 'latest:', 'latest:-3', 'x=latest', '1='])(
    'is never %j',
    (text) => {
      expect(() => parseStarts([text])).toThrow('is not beginning');
    },
  );
});

describe('where to end', () => {
  it('is an offset or a time', () => {
    expect(parseEndingPoint('offset:42')).toEqual({ offset: '42' });
    expect(parseEndingPoint('time:2026-01-31T12:00:00Z')).toEqual({ time: noon });
  });

  it.each(['latest', 'offset:x', ''])('is never %j', (text) => {
    expect(() => parseEndingPoint(text)).toThrow('is not offset:N or time:ISO');
  });
});

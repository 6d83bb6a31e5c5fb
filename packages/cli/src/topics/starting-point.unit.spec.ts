import { parseStartingPoint } from './starting-point.js';

describe('where to begin', () => {
  it('is the beginning, the end, an offset or a time', () => {
    expect(parseStartingPoint('beginning')).toBe('beginning');
    expect(parseStartingPoint('latest')).toBe('latest');
    expect(parseStartingPoint('offset:42')).toEqual({ offset: '42' });
    expect(parseStartingPoint('time:2026-01-31T12:00:00Z')).toEqual({ time: new Date('2026-01-31T12:00:00Z') });
  });

  it.each(['', 'offset:', 'offset:-1', 'time:tomorrow', 'end'])('is never %j', (text) => {
    expect(() => parseStartingPoint(text)).toThrow('is not beginning');
  });
});

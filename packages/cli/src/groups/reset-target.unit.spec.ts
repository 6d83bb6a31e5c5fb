import { parseResetTarget } from './reset-target.js';

describe('where a group is moved', () => {
  it('is an end of the topic, an offset, a time or a number of records from where it stands', () => {
    expect(parseResetTarget('earliest')).toBe('earliest');
    expect(parseResetTarget('latest')).toBe('latest');
    expect(parseResetTarget('offset:42')).toEqual({ offset: '42' });
    expect(parseResetTarget('time:2026-01-31T12:00:00Z')).toEqual({ time: new Date('2026-01-31T12:00:00Z') });
    expect(parseResetTarget('shift:-10')).toEqual({ shift: -10n });
    expect(parseResetTarget('shift:10')).toEqual({ shift: 10n });
  });

  it.each(['', 'offset:-1', 'shift:', 'shift:1.5', 'time:soon', 'beginning'])('is never %j', (text) => {
    expect(() => parseResetTarget(text)).toThrow('is not earliest');
  });
});

import { harmless, readable } from './readable.js';

describe('readable values', () => {
  it('show bytes as text to people and as base64 to programs', () => {
    const value = { body: Buffer.from('{"a":1}'), list: [Buffer.from([0xff, 0xfe])] };
    expect(readable(value, true)).toEqual({ body: '{"a":1}', list: ['//4='] });
    expect(readable(value, false)).toEqual({ body: 'eyJhIjoxfQ==', list: ['//4='] });
  });

  it('cannot steer the terminal', () => {
    expect(harmless('a\u001b[31m\r\nb')).toBe('a\uFFFD[31m\uFFFD\nb');
  });
});

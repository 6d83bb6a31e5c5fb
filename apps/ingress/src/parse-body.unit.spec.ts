import { parseBody } from './parse-body.js';

const codeOf = (body: Buffer | string): string => {
  const parsed = parseBody(Buffer.from(body as string));
  return 'refusal' in parsed ? parsed.refusal.code : 'accepted';
};
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('parseBody', () => {
  it('takes an object, with brackets in its strings and 64 levels', () => {
    expect(codeOf(nested(64))).toBe('accepted');
    expect(codeOf(JSON.stringify({ text: '['.repeat(1_000), quote: '"\\"[{' }))).toBe('accepted');
    expect(codeOf(`{"list":[${'[],'.repeat(500)}{}]}`)).toBe('accepted');
  });

  it.each([
    ['65 levels', nested(65)],
    ['10,000 open brackets', '['.repeat(10_000)],
    ['levels behind an escaped quote', `{"a\\"":${nested(64)}}`],
    ['text that is no JSON', '{"a":'],
    ['nothing', ''],
    ['a byte order mark', '\ufeff{}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a string', '"a"'],
    ['a number', '1700000001.5'],
    ['two values', '{}{}'],
  ])('refuses %s', (_what, body) => expect(codeOf(body)).toBe('BODY_INVALID'));

  it.each([[[0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]]])(
    'refuses the invalid UTF-8 %j',
    (bytes) => expect(codeOf(Buffer.from(bytes))).toBe('BODY_INVALID'),
  );

  it('does not let `__proto__` change anything', () => {
    const parsed = parseBody(Buffer.from('{"__proto__":{"id":"x"}}'));
    expect('json' in parsed && parsed.json['id']).toBeUndefined();
  });

  it('does not repeat the body in what it says', () => {
    const parsed = parseBody(Buffer.from('{"card":"4242424242424242"'));
    expect(JSON.stringify(parsed)).not.toContain('4242');
  });
});

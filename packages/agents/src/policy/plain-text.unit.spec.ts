import fc from 'fast-check';
import { asText, plainText } from './plain-text.js';

describe('plainText', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['titles of windows', '\u001b]0;owned\u0007safe', 'safe'],
    ['links of terminals', '\u001b]8;;https://evil.example\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['eight-bit sequences', '\u009b2Jgone', 'gone'],
    ['controls', 'a\u0000b\u0008c\u007f', 'abc'],
    ['text that is turned round', 'invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['tags that nobody sees', `hi${String.fromCodePoint(0xe0069, 0xe0067)}`, 'hi'],
    ['joiners that nobody sees', 'pay\u200bpal', 'paypal'],
    ['a sequence that ends nowhere', '\u001b[38;5', ''],
    ['foreign line ends', 'a\r\nb\rc', 'a\nb\nc'],
  ])('takes out %s', (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it('keeps tabs, new lines and every letter', () => {
    const text = 'Grüße\tan 東京 и мир 👩\n';
    expect(plainText(text)).toBe(text);
  });

  it('gives the same again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = plainText(text);
        expect(plainText(plain)).toBe(plain);
        // eslint-disable-next-line no-control-regex -- none may be left
        expect(plain).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });
});

describe('asText', () => {
  const hostile = '<img src=x onerror=alert(1)> [a](https://evil.example) <!channel> @everyone **b**';

  it('leaves no mark-up alive in HTML', () => {
    expect(asText(hostile, 'html')).not.toMatch(/[<>"']/);
  });

  it('leaves no mention or link alive in Slack', () => {
    expect(asText(hostile, 'slack')).not.toMatch(/[<>]/);
    expect(asText('a & b', 'slack')).toBe('a &amp; b');
  });

  it('leaves no image, link, mention or tag alive in Markdown', () => {
    const text = asText(hostile, 'markdown');
    expect(text).not.toMatch(/(^|[^\\])[[\]()*]|<|>|@[A-Za-z]|:\/\//);
  });
});

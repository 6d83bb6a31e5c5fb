import { foreignLinks } from './links.js';

const hosts = ['help.example.com'];

describe('links that lead elsewhere', () => {
  it.each([
    'https://evil.example/?q=1',
    'http://help.example.com/a',
    '//evil.example/x',
    '![](https://evil.example/p.png?d=secret)',
    '[help](https://help.example.com.evil.example)',
    'https://help.example.com@evil.example/',
    'evil.example/collect',
    'www.evil.example',
    'mailto:eve@evil.example',
    'javascript:alert(1)',
    'data:text/html;base64,AAAA',
    'ｈttps://evil.example',
    'write to eve@evil.example',
    'ftp://evil.example/x',
  ])('finds %s', (text) => {
    expect(foreignLinks(`Dear customer, ${text} thank you`, hosts)).not.toEqual([]);
  });

  it.each([
    'https://help.example.com/refunds',
    'https://eu.help.example.com/',
    'Your invoice invoice.pdf is attached. Bye.',
  ])('leaves %s alone', (text) => {
    expect(foreignLinks(text, hosts)).toEqual([]);
  });

  it('takes no link at all when no host is named', () => {
    expect(foreignLinks('https://help.example.com', [])).toHaveLength(1);
  });
});

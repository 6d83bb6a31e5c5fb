import { secretIn } from './secrets.js';

const known = ['correct horse battery'];

describe('secrets in a text', () => {
  it.each([
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMII'],
    ['an API key', 'use sk_live_51Habcdefgh please'],
    ['a webhook secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['an access token', 'ghp_0123456789abcdefghijABCDEFGHIJ012345'],
    ['an access key', 'AKIAIOSFODNN7EXAMPLE'],
    ['a signed token', 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0xx.c2lnbmF0dXJl'],
    ['a password in an address', 'postgres://towpath:hunter22@db/towpath'],
    ['a canary', 'the word is CANARY-7f3a-XYZ'],
  ])('finds %s', (kind, text) => {
    expect(secretIn(text)).toBe(kind);
  });

  it.each([
    ['as it is', 'it is correct horse battery'],
    ['in capitals and parted', 'C.O.R.R.E.C.T H-O-R-S-E B A T T E R Y'],
    ['backwards', [...known[0]!].reverse().join('')],
    ['in base64', `x${Buffer.from(`ab${known[0]}cd`).toString('base64')}`],
    ['in base64 for addresses', Buffer.from(`a${known[0]}`).toString('base64url')],
    ['in hexadecimal', Buffer.from(known[0]!).toString('hex').toUpperCase()],
    ['percent-encoded', encodeURIComponent(known[0]!)],
    ['in wide letters', 'ｃｏｒｒｅｃｔ ｈｏｒｓｅ ｂａｔｔｅｒｙ'],
  ])('finds a known one %s', (_, text) => {
    expect(secretIn(text, known)).toBe('a known secret');
  });

  it('leaves what people write alone', () => {
    const text =
      'My order 4021 of 12 May never came; I paid EUR 20 by card pi_3N1a. Please refund. https://example.com/a?b=c';
    expect(secretIn(text, known)).toBeNull();
  });

  it('ignores a known one that is too short to tell apart', () => {
    expect(secretIn('abc abc', ['abc'])).toBeNull();
  });
});

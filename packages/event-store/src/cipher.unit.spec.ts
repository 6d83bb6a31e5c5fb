import { randomBytes } from 'node:crypto';
import type { Contract } from '@towpath/contracts/contract';
import fc from 'fast-check';
import { decryptBytes, decryptPii, encryptBytes, encryptPii, erased, subjectsOf } from './cipher.js';

interface Bought {
  readonly customerId: string | null;
  readonly email: string | null;
  readonly ip: string | null;
}

const bought: Contract<Bought> = {
  type: 'shop.v1.Bought',
  name: 'Bought',
  kind: 'event',
  topic: 'shop.events',
  stream: 'purchase',
  key: 'customerId',
  producers: [],
  retention: 'forever',
  pii: [
    { name: 'email', subject: 'customerId' },
    { name: 'ip', subject: 'customerId' },
  ],
  prompt: {},
  doc: 'spec',
  schema: {},
};
const keys = new Map([
  ['ann', randomBytes(32)],
  ['bob', randomBytes(32)],
  ['gone', null],
]);
const data = { customerId: 'ann', email: 'ann@example.com', ip: null };

describe('encryption of personal data', () => {
  it('gives back what was encrypted, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (email) => {
        const sealed = encryptPii(bought, { ...data, email }, keys);
        expect(sealed.email).toMatch(/^enc1:[\w-]+$/);
        expect(decryptPii(bought, sealed, keys)).toEqual({ ...data, email });
      }),
    );
  });

  it('leaves null and the other fields as they are', () => {
    expect(encryptPii(bought, data, keys)).toMatchObject({ customerId: 'ann', ip: null });
  });

  it('never gives the same ciphertext twice', () => {
    const texts = Array.from({ length: 1_000 }, () => encryptPii(bought, data, keys).email);
    expect(new Set(texts).size).toBe(1_000);
  });

  it('finds every changed character of a ciphertext', () => {
    const sealed = encryptPii(bought, data, keys);
    const text = sealed.email!;
    for (let index = 'enc1:'.length; index < text.length - 1; index++) {
      const changed = text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);
      expect(() => decryptPii(bought, { ...sealed, email: changed }, keys)).toThrow('PII_TAMPERED');
    }
  });

  it('refuses a ciphertext moved to another field, person or type', () => {
    const sealed = encryptPii(bought, data, keys);
    const sameKey = new Map([...keys, ['bob', keys.get('ann')!]]);
    expect(() => decryptPii(bought, { ...sealed, ip: sealed.email }, keys)).toThrow('PII_TAMPERED');
    expect(() => decryptPii(bought, { ...sealed, customerId: 'bob' }, sameKey)).toThrow('PII_TAMPERED');
    expect(() => decryptPii({ ...bought, type: 'shop.v2.Bought' }, sealed, keys)).toThrow('PII_TAMPERED');
  });

  it('reads an erased person as erased, before and after', () => {
    const sealed = encryptPii(bought, data, keys);
    expect(decryptPii(bought, sealed, new Map([['ann', null]])).email).toBe(erased);
    expect(encryptPii(bought, { ...data, customerId: 'gone' }, keys).email).toBe(erased);
  });

  it('names the subjects it needs, and the field that lacks a key, but never the value', () => {
    expect(subjectsOf(bought, data)).toEqual(['ann']);
    expect(subjectsOf(bought, { customerId: 'ann', email: null, ip: null })).toEqual([]);
    expect(() => encryptPii(bought, data, new Map())).toThrow(/PII_KEY_MISSING.*Bought\.email/);
    expect(() => encryptPii(bought, data, new Map())).not.toThrow(/example/);
  });

  it('encrypts bytes under a context that must be the same to decrypt', () => {
    const key = randomBytes(32);
    const sealed = encryptBytes(Buffer.from('body'), key, 'letter-1');
    expect(decryptBytes(sealed, key, 'letter-1').toString()).toBe('body');
    expect(() => decryptBytes(sealed, key, 'letter-2')).toThrow('PII_TAMPERED');
  });
});

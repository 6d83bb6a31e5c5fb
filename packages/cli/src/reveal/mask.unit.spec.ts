import { all } from '@towpath/contracts/catalogue';
import { maskedData } from './mask.js';

describe('what is shown without --reveal', () => {
  const personal = all().flatMap(({ type, pii }) => pii.map(({ name }) => [type, name] as const));

  it.each(personal)('masks %s.%s, as plain text too', (type, field) => {
    expect(maskedData(type, { [field]: 'anna@example.org', other: 'kept' })).toEqual({
      [field]: '‹masked›',
      other: 'kept',
    });
  });

  it('masks ciphertext wherever it stands, and bytes that came from outside', () => {
    const data = { list: [{ note: 'enc1:abc' }], body: Buffer.from('{"email":"anna@example.org"}'), amount: 5 };
    expect(maskedData('none.v1.Known', data)).toEqual({
      list: [{ note: '‹masked›' }],
      body: '‹28 bytes, masked›',
      amount: 5,
    });
  });

  it('says of an erased person that they are', () => {
    const [type, field] = personal[0]!;
    expect(maskedData(type, { [field]: 'erased' })).toEqual({ [field]: 'erased' });
  });

  it('leaves what is absent absent', () => {
    const [type, field] = personal[0]!;
    expect(maskedData(type, { [field]: null })).toEqual({ [field]: null });
    expect(maskedData(type, undefined)).toBeUndefined();
  });
});

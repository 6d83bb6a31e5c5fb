import { encode } from '@towpath/contracts/codec';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import fc from 'fast-check';
import { saysOneOf } from './naming.js';

const says = (text: string | Buffer, ...names: string[]) =>
  saysOneOf(
    Buffer.from(text),
    names.map((name) => Buffer.from(name)),
  );

describe('what names a person', () => {
  it('is the whole id, wherever it stands in a text', () => {
    expect(says('{"customer":"cus_1"}', 'cus_1')).toBe(true);
    expect(says('cus_1', 'cus_1')).toBe(true);
    expect(says('no payment pi_7 of guest_pi_7', 'cus_1', 'pi_7')).toBe(true);
  });

  it('is not the beginning of a longer id', () => {
    expect(says('{"customer":"cus_12","other":"cus_1_b","third":"cus_1-c"}', 'cus_1')).toBe(false);
    expect(says('cus_12 and then cus_1', 'cus_1')).toBe(true);
  });

  it('is found in an Avro value, whatever follows it', () => {
    const id = fc.stringMatching(/^cus_[a-z0-9]{1,80}$/);
    const text = fc.string({ maxLength: 80 });
    fc.assert(
      fc.property(id, text, text, (deadLetterId, actor, reason) => {
        const value = encode(RedriveDeadLetter, { deadLetterId, service: 'fraud', edited: null, actor, reason });
        expect(says(value, deadLetterId)).toBe(true);
      }),
    );
  });
});

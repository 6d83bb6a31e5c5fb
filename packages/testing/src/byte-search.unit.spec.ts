import fc from 'fast-check';
import { ByteSearch } from './byte-search.js';

const CANARY = 'anna.example+7@example.org';

describe('a search for bytes', () => {
  it('finds a text in any of its forms, whatever stands around it', () => {
    const around = fc.uint8Array({ maxLength: 9 });
    const encoding = fc.constantFrom('utf8', 'hex', 'base64', 'base64url' as const);
    fc.assert(
      fc.property(around, around, encoding, (before, after, form) => {
        const bytes = Buffer.concat([before, Buffer.from(CANARY), after]);
        const search = new ByteSearch([CANARY]);
        search.look('here', form === 'utf8' ? bytes : bytes.toString(form));
        expect(search.found()).toEqual({ [CANARY]: ['here'] });
      }),
    );
  });

  it('finds nothing where it is not', () => {
    const search = new ByteSearch([CANARY]);
    for (const text of [CANARY.slice(1), Buffer.from(CANARY.slice(0, -1)).toString('base64'), ''])
      search.look('x', text);
    search.look('x', null);
    expect(search.found()).toEqual({});
  });
});

import { sound, soundFile, sourcesOf, withField } from './fixture.js';
import { generate } from './generate.js';

const shipped = { ...sound, name: 'OrderShipped' };
const shippedFile = 'schemas/shop/OrderShipped.v1.avsc';

describe('the build', () => {
  it('takes two contracts of one stream with the same topic and key', () => {
    expect(generate(sourcesOf({ [shippedFile]: shipped })).problems).toEqual([]);
  });

  it('refuses two keys in one stream, naming both files', () => {
    expect(generate(sourcesOf({ [shippedFile]: { ...shipped, key: 'buyerId' } })).problems).toEqual([
      {
        file: shippedFile,
        problem: `the stream "order" has two keys: buyerId here, orderId in ${soundFile}`,
        fix: 'set "key": "orderId", or name another stream',
      },
    ]);
  });

  it('refuses two topics in one stream, naming both files', () => {
    expect(generate(sourcesOf({ [shippedFile]: { ...shipped, topic: 'shop.commands' } })).problems).toEqual([
      {
        file: shippedFile,
        problem: `the stream "order" has two topics: shop.commands here, shop.events in ${soundFile}`,
        fix: 'set "topic": "shop.events", or name another stream',
      },
    ]);
  });

  it('refuses a type that is defined twice', () => {
    const { problems } = generate(sourcesOf({ 'schemas/zoo/OrderPlaced.v1.avsc': sound }));
    expect(problems).toContainEqual({
      file: 'schemas/zoo/OrderPlaced.v1.avsc',
      problem: `the type shop.v1.OrderPlaced is defined in ${soundFile} already`,
      fix: expect.stringContaining('remove one'),
    });
  });

  it('refuses one name for two nested records of a domain', () => {
    const line = (field: string): unknown => {
      const type = { type: 'record', name: 'Line', doc: 'a line', fields: [{ name: field, type: 'string', doc: 'x' }] };
      return withField({ name: 'line', type, doc: 'the line' });
    };
    const other = { ...(line('label') as object), name: 'OrderShipped' };
    expect(generate(sourcesOf({ [soundFile]: line('sku'), [shippedFile]: other })).problems).toEqual([
      { file: shippedFile, problem: `shop.v1.Line is defined otherwise in ${soundFile}`, fix: expect.any(String) },
    ]);
  });
});

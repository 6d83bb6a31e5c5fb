import { dropRepeats } from './drop-repeats.js';
import type { Item } from './item.js';
import { itemOf } from './pipeline.fixture.js';

/** A message whose handler says what must be the same in a repeat. */
function fingerprinted(id: string, print: string): Item {
  const item = itemOf(id, 'a', undefined, print);
  const handler = { ...item.handler, instance: { ...item.handler.instance, fingerprint: () => print } };
  return { ...item, handler };
}

describe('repeats', () => {
  it('drops a known id, whatever its bytes, where the handler names no fingerprint', () => {
    const seen = new Map([['m1', Buffer.from('first')]]);
    expect(dropRepeats([itemOf('m1', 'a', undefined, 'other')], seen).repeats).toHaveLength(1);
  });

  it('hands a known id with another fingerprint to its handler, once', () => {
    const seen = new Map([['m1', Buffer.from('first')]]);
    const group = [fingerprinted('m1', 'first'), fingerprinted('m1', 'other'), fingerprinted('m1', 'other')];
    const { fresh, repeats } = dropRepeats(group, seen);
    expect(fresh.map(({ inbox }) => inbox?.id)).toEqual([`m1#${Buffer.from('other').toString('hex')}`]);
    expect(repeats).toHaveLength(2);
  });
});

import { v5 } from 'uuid';
import { uuidV5 } from '@towpath/service-kit/uuid-v5';
import { namespaceOf } from './delivery-id.js';

describe('delivery id', () => {
  it('is the UUIDv5 that the uuid package makes', () => {
    const dns = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');
    for (const name of ['www.example.com', '', 'ä€😀', 'x'.repeat(300)]) {
      expect(uuidV5(dns, name)).toBe(v5(name, '6ba7b810-9dad-11d1-80b4-00c04fd430c8'));
    }
  });

  it('never changes for a source and an id', () => {
    expect(uuidV5(namespaceOf('stripe'), 'evt_1')).toBe(uuidV5(namespaceOf('stripe'), 'evt_1'));
    expect(uuidV5(namespaceOf('stripe'), 'evt_1')).toMatchInlineSnapshot(`"86bf12f1-9595-5d7e-9b10-cca539231701"`);
  });

  it('differs by source and by id', () => {
    const ids = ['stripe', 'stripe2'].flatMap((source) =>
      ['evt_1', 'evt_2'].map((id) => uuidV5(namespaceOf(source), id)),
    );
    expect(new Set(ids).size).toBe(4);
  });
});

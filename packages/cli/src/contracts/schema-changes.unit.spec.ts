import { schemaChanges } from './schema-changes.js';

const older = {
  topic: 'shop.events',
  producer: 'shop',
  fields: [
    { name: 'id', type: 'string', doc: 'the order' },
    { name: 'email', type: 'string', doc: 'where to', pii: 'buyerId' },
    {
      name: 'lines',
      type: { type: 'array', items: { type: 'record', name: 'Line', fields: [field('sku')] } },
      doc: '',
    },
  ],
};

describe('what changed between two schemas', () => {
  it('is nothing between a schema and itself', () => {
    expect(schemaChanges(older, structuredClone(older))).toEqual([]);
  });

  it('names attributes that changed, came and went', () => {
    const { producer: _gone, ...rest } = older;
    expect(schemaChanges(older, { ...rest, topic: 'other.events', repeats: { max: 9 } })).toEqual([
      { what: 'topic', before: 'shop.events', after: 'other.events' },
      { what: 'producer', before: 'shop' },
      { what: 'repeats', after: { max: 9 } },
    ]);
  });

  it('names each property of a field that changed, also within records', () => {
    const newer = {
      ...older,
      fields: [
        older.fields[0],
        { name: 'email', type: ['null', 'string'], default: null, doc: 'where to' },
        {
          name: 'lines',
          type: { type: 'array', items: { type: 'record', name: 'Line', fields: [field('ean')] } },
          doc: '',
        },
      ],
    };
    expect(schemaChanges(older, newer)).toEqual([
      { what: 'type of field email', before: 'string', after: 'string or null' },
      { what: 'default of field email', after: null },
      { what: 'pii of field email', before: 'buyerId' },
      { what: 'field lines.sku', before: { type: 'string' } },
      { what: 'field lines.ean', after: { type: 'string' } },
    ]);
  });
});

function field(name: string): object {
  return { name, type: 'string', doc: 'x' };
}

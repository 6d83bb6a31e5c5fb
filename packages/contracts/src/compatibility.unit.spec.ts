import fc from 'fast-check';
import { all } from './catalogue.js';
import { incompatibilities, type Schema } from './compatibility.js';

const doc = 'what it means';
const line = { type: 'record', name: 'Line', fields: [{ name: 'sku', type: 'string', doc }] };
const older = {
  type: 'record',
  namespace: 'shop.v1',
  name: 'OrderPlaced',
  kind: 'event',
  topic: 'shop.events',
  stream: 'order',
  key: 'orderId',
  fields: [
    { name: 'orderId', type: 'string', doc },
    { name: 'buyerId', type: 'string', doc },
    { name: 'email', type: ['null', 'string'], default: null, doc, pii: 'buyerId' },
    { name: 'total', type: 'int', doc },
    { name: 'lines', type: { type: 'array', items: line }, doc },
    { name: 'size', type: { type: 'enum', name: 'Size', symbols: ['SMALL', 'LARGE'] }, doc },
  ],
};

describe('a change is compatible when it', () => {
  it.each<[string, Schema]>([
    ['changes nothing', older],
    ['adds a field with a default', withField({ name: 'note', type: 'string', default: '', doc })],
    ['removes a field with a default', { ...older, fields: older.fields.filter(({ name }) => name !== 'email') }],
    ['says a doc better', replaced('total', { doc: 'in minor units' })],
    ['sorts the fields anew', { ...older, fields: [...older.fields].reverse() }],
    ['encrypts a field from now on', replaced('lines', { prompt: 'never' })],
    [
      'adds a field with a default to a nested record',
      replaced('lines', {
        type: {
          type: 'array',
          items: { ...line, fields: [...line.fields, { name: 'count', type: 'int', default: 1 }] },
        },
      }),
    ],
  ])('%s', (_what, newer) => {
    expect(incompatibilities(older, newer)).toEqual([]);
  });
});

describe('a change is refused when it', () => {
  it.each<[string, Schema, string]>([
    [
      'adds a field without a default',
      withField({ name: 'note', type: 'string', doc }),
      'field note: added without a default',
    ],
    [
      'removes a field without a default',
      { ...older, fields: older.fields.filter(({ name }) => name !== 'total') },
      'field total: removed',
    ],
    ['renames a field', replaced('total', { name: 'sum' }), 'field sum: added without a default'],
    ['changes a type', replaced('total', { type: 'string' }), 'field total: its type changed from int to string'],
    [
      'widens a number, which older readers can not follow',
      replaced('total', { type: 'long' }),
      'changed from int to long',
    ],
    [
      'turns text into bytes, which Avro would take',
      replaced('buyerId', { type: 'bytes' }),
      'changed from string to bytes',
    ],
    [
      'lets a field be null',
      replaced('buyerId', { type: ['null', 'string'] }),
      'changed from string to [null, string]',
    ],
    [
      'changes the type inside a union',
      replaced('email', { type: ['null', 'long'] }),
      'field email: its type changed from string to long',
    ],
    [
      'changes a nested field',
      replaced('lines', { type: { type: 'array', items: { ...line, fields: [{ name: 'sku', type: 'long' }] } } }),
      'field lines[].sku: its type changed from string to long',
    ],
    [
      'renames a nested record',
      replaced('lines', { type: { type: 'array', items: { ...line, name: 'Row' } } }),
      'can not be read',
    ],
    [
      'adds a symbol',
      replaced('size', { type: { type: 'enum', name: 'Size', symbols: ['SMALL', 'LARGE', 'HUGE'] } }),
      'can not be read',
    ],
    [
      'drops a symbol',
      replaced('size', { type: { type: 'enum', name: 'Size', symbols: ['SMALL'] } }),
      'can not be read',
    ],
    ['changes the topic', { ...older, topic: 'x' }, 'its topic changed from "shop.events" to "x"'],
    ['changes the key', { ...older, key: 'buyerId' }, 'its key changed from "orderId" to "buyerId"'],
    ['changes the stream', { ...older, stream: 'x' }, 'its stream changed'],
    ['changes the kind', { ...older, kind: 'command' }, 'its kind changed'],
    [
      'no longer encrypts a personal field',
      replaced('email', { pii: undefined }),
      'field email: it was pii of "buyerId" and is no longer pii',
    ],
    [
      'encrypts it for someone else',
      replaced('email', { pii: 'orderId' }),
      'field email: it was pii of "buyerId" and is encrypted for "orderId"',
    ],
  ])('%s', (_what, newer, problem) => {
    expect(incompatibilities(older, newer)).toContainEqual(expect.stringContaining(problem));
  });
});

describe('every contract', () => {
  it('is compatible with itself, and with itself without any one field that has a default', () => {
    for (const contract of all()) {
      const schema = contract.schema as { fields: { default?: unknown }[] };
      expect(incompatibilities(contract.schema as Schema, contract.schema as Schema)).toEqual([]);
      for (const field of schema.fields.filter((candidate) => candidate.default !== undefined)) {
        const without = { ...schema, fields: schema.fields.filter((other) => other !== field) };
        expect(incompatibilities(schema, without)).toEqual([]);
        expect(incompatibilities(without, schema)).toEqual([]);
      }
    }
  });

  it('is not compatible with any other type for one of its fields', () => {
    const types = ['string', 'long', 'int', 'double', 'boolean', 'bytes'];
    fc.assert(
      fc.property(fc.constantFrom(...all()), fc.nat(), fc.constantFrom(...types), (contract, at, type) => {
        const schema = contract.schema as { fields: { type: unknown }[] };
        const index = at % schema.fields.length;
        fc.pre(schema.fields[index]?.type !== type);
        const fields = schema.fields.map((field, position) =>
          position === index ? { ...field, default: undefined, type } : field,
        );
        expect(incompatibilities(schema, { ...schema, fields })).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

function withField(field: Schema): Schema {
  return { ...older, fields: [...older.fields, field] };
}

function replaced(name: string, change: Schema): Schema {
  return { ...older, fields: older.fields.map((field) => (field.name === name ? { ...field, ...change } : field)) };
}

import { changed, problemsOf, soundFile, withField } from './fixture.js';

const doc = 'what it means';
const line = { type: 'record', name: 'Line', doc, fields: [{ name: 'sku', type: 'string', doc }] };

describe('the build', () => {
  it.each([
    ['no doc', { name: 'note', type: 'string' }, 'field note: it has no doc', 'add "doc"'],
    [
      'an unknown attribute',
      { name: 'note', type: 'string', doc, aliases: ['n'] },
      'field note: unknown attribute "aliases"',
      'remove',
    ],
    ['a name that is not camelCase', { name: 'Note_1', type: 'string', doc }, 'field Note_1: its name', 'amountMinor'],
    [
      'pii that names no field',
      { name: 'phone', type: 'string', doc, pii: 'userId' },
      'field phone: pii names "userId"',
      'buyerId',
    ],
    [
      'pii that names a number',
      { name: 'phone', type: 'string', doc, pii: 'totalMinor' },
      'pii names "totalMinor"',
      'buyerId',
    ],
    ['pii that names pii', { name: 'phone', type: 'string', doc, pii: 'email' }, 'pii names "email"', 'buyerId'],
    [
      'pii that is a number',
      { name: 'age', type: 'long', doc, pii: 'buyerId' },
      'field age: a pii field holds ciphertext',
      '"string"',
    ],
    [
      'pii that is bytes',
      { name: 'scan', type: 'bytes', doc, pii: 'buyerId' },
      'field scan: a pii field holds ciphertext',
      '"string"',
    ],
    [
      'an unknown prompt rule',
      { name: 'note', type: 'string', doc, prompt: 'no' },
      'unknown prompt rule "no"',
      'never, masked, allowed',
    ],
    ['a type nobody knows', { name: 'note', type: 'text', doc }, 'type "text" is not supported', 'string, long'],
    ['a float', { name: 'rate', type: 'float', doc }, 'type "float" is not supported', 'double'],
    ['a fixed', { name: 'sum', type: { type: 'fixed', name: 'Sum', size: 16 }, doc }, 'is not supported', 'bytes'],
    [
      'a logical type',
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc },
      'is not supported',
      'long',
    ],
    ['a union of two types', { name: 'id', type: ['string', 'long'], doc }, 'a union is ["null", X]', 'null first'],
    ['null in second place', { name: 'id', type: ['string', 'null'], doc }, 'a union is ["null", X]', 'null first'],
    ['a default of another type', { name: 'note', type: 'string', default: 1, doc }, 'Avro refuses it', 'default'],
    ['a record without fields', { name: 'a', type: { ...line, fields: [] }, doc }, 'a has no fields', '"fields"'],
    [
      'a record without doc',
      { name: 'a', type: { ...line, doc: undefined }, doc },
      'record a: it has no doc',
      'add "doc"',
    ],
    [
      'a nested field without doc',
      { name: 'a', type: { type: 'array', items: { ...line, fields: [{ name: 'sku', type: 'string' }] } }, doc },
      'field a[].sku: it has no doc',
      'add "doc"',
    ],
    [
      'nested pii, which would not be encrypted',
      { name: 'a', type: { ...line, fields: [{ name: 'sku', type: 'string', doc, pii: 'buyerId' }] }, doc },
      'field a.sku: pii inside a nested record',
      'top level',
    ],
    [
      'a nested prompt rule',
      { name: 'a', type: { ...line, fields: [{ name: 'sku', type: 'string', doc, prompt: 'never' }] }, doc },
      'field a.sku: prompt stands on a nested field',
      'holds the record',
    ],
    [
      'a record that contains itself',
      { name: 'a', type: { ...line, fields: [{ name: 'next', type: ['null', 'Line'], doc }] }, doc },
      'field a.next: Line contains itself',
      'bounded',
    ],
  ])('refuses a field with %s, with file and fix', (_what, field, problem, fix) => {
    expect(problemsOf(withField(field))).toContainEqual({
      file: soundFile,
      problem: expect.stringContaining(problem),
      fix: expect.stringContaining(fix),
    });
  });

  it.each([
    ['an enum', { type: 'enum', name: 'Size', doc, symbols: ['SMALL', 'LARGE'] }],
    ['a list of records', { type: 'array', items: line }],
    ['a map of bytes', { type: 'map', values: 'bytes' }],
    ['a nullable record', ['null', line]],
  ])('takes %s', (_what, type) => {
    expect(problemsOf(withField({ name: 'a', type, doc }))).toEqual([]);
  });

  it('refuses a contract without fields', () => {
    expect(problemsOf(changed({ fields: undefined }))).toContainEqual({
      file: soundFile,
      problem: 'it has no fields',
      fix: expect.any(String),
    });
  });
});

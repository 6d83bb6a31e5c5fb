import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { Contract } from '@towpath/contracts/contract';
import { frame } from '@towpath/kafka/wire';
import { schemaNoteOf, schemaNoteText } from './schema-note.js';

const known = new Map<number, Pick<Contract, 'type'>>([
  [7, PaymentApproved],
  [8, ReviewRequested],
  [9, { type: 'other.v1.Theirs' }],
]);
const registry = {
  schemaOf: (id: number) => {
    const found = known.get(id);
    const missing = Object.assign(new Error(`the registry has no schema ${id}`), { code: 'SCHEMA_UNKNOWN' });
    return found ? Promise.resolve(found as Contract) : Promise.reject(missing);
  },
};

async function textOf(value: Buffer, type: string): Promise<string> {
  return schemaNoteText((await schemaNoteOf({ value, type }, registry))!);
}

/** A value that no contract can decode. */
const written = (id: number) => frame(id, Buffer.from('no Avro of ours'));

describe('the schema of a record', () => {
  it('leads from its id to the file of the contract and its owner, also when the value can not be decoded', async () => {
    expect(await textOf(written(7), PaymentApproved.type)).toBe(
      'schema id 7 → packages/contracts/schemas/fraud/PaymentApproved.v1.avsc, from fraud',
    );
    expect(await textOf(written(8), '')).toContain('ReviewRequested.v1.avsc, from any service');
  });

  it('is what the id says, not what the header says', async () => {
    expect(await textOf(written(7), ReviewRequested.type)).toMatch(
      /PaymentApproved\.v1\.avsc, from fraud; ce_type says platform\.v1\.ReviewRequested$/,
    );
  });

  it.each([
    ['a contract of others', written(9), 'schema id 9 → other.v1.Theirs, which this version has no contract of'],
    ['an id of no schema', written(10), 'schema id 10; SCHEMA_UNKNOWN: the registry has no schema 10'],
    ['no id', Buffer.from('{}'), 'no schema id; the value does not begin with a schema id'],
  ])('is told for %s', async (_, value, text) => {
    expect(await textOf(value, '')).toBe(text);
  });

  it('is nothing for a tombstone', async () => {
    expect(await schemaNoteOf({ value: null, type: '' }, registry)).toBeUndefined();
  });
});

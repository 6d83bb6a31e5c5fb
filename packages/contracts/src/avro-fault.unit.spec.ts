import { faultOf } from './avro-fault.js';
import { all } from './catalogue.js';
import { encode } from './codec.js';

const schema = {
  type: 'record',
  name: 'Note',
  namespace: 'spec.v1',
  fields: [
    { name: 'id', type: 'string' },
    { name: 'amount', type: ['null', 'long'] },
    { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['a', 'b'] } },
    {
      name: 'signals',
      type: {
        type: 'array',
        items: {
          type: 'record',
          name: 'Signal',
          fields: [
            { name: 'name', type: 'string' },
            { name: 'isOn', type: 'boolean' },
          ],
        },
      },
    },
  ],
};
/** id "ab", amount 1, kind b, signals [{"x", true}] */
const whole = [4, 97, 98, 2, 2, 2, 2, 2, 120, 1, 0];
const at = (index: number, byte: number): number[] => whole.map((one, place) => (place === index ? byte : one));

describe('where bytes stop fitting their schema', () => {
  it('is nowhere in a whole value', () => {
    expect(faultOf(schema, Buffer.from(whole))).toBeUndefined();
  });

  it.each([
    [[], 'id', 0, 'length of string ends in the middle'],
    [at(0, 60), 'id', 0, 'string needs 30 bytes, 10 are left'],
    [at(0, 3), 'id', 0, 'negative length -2'],
    [at(3, 8), 'amount', 3, 'branch 4 of a union that has 2'],
    [at(5, 4), 'kind', 5, 'symbol 2 of an enum that has 2'],
    [at(6, 100), 'signals', 6, '50 items, but only 4 bytes are left'],
    [at(9, 7), 'signals[0].isOn', 9, 'a boolean is 0 or 1, this byte is 7'],
    [whole.slice(0, 9), 'signals[0].isOn', 9, 'boolean needs 1 bytes, 0 are left'],
    [[...whole, 1, 2], '', 11, '2 bytes are left after the whole value'],
    [[4, 97, 98, 2, ...Array.from({ length: 10 }, () => 255)], 'amount', 4, 'has more than 10 bytes'],
  ])('%j: %s at byte %i', (bytes, field, byte, reason) => {
    expect(faultOf(schema, Buffer.from(bytes))).toEqual({ field, byte, reason: expect.stringContaining(reason) });
  });

  it('is the last byte of every contract whose value is cut there', () => {
    const contract = all().find(({ type }) => type === 'fraud.v1.AccountUnfrozen')!;
    const fields = (contract.schema as { fields: { name: string; type: unknown }[] }).fields;
    const data = Object.fromEntries(fields.map(({ name, type }) => [name, type === 'long' ? 5 : 'x']));
    const bytes = encode(contract, data);
    expect(faultOf(contract.schema, bytes)).toBeUndefined();
    expect(faultOf(contract.schema, bytes.subarray(0, -1))?.field).toBe(fields.at(-1)?.name);
  });
});

import fc from 'fast-check';
import { all } from './catalogue.js';
import { check, decode, encode, fromJson, toJson } from './codec.js';
import type { Contract } from './contract.js';

const every = all().map((contract) => [contract.type, contract] as const);

describe('any data that fits a contract', () => {
  it.each(every)('of %s decodes as it was encoded', (_type, contract) => {
    fc.assert(
      fc.property(dataOf(contract), (data) => {
        expect(decode(contract, encode(contract, data))).toEqual(data);
      }),
      { numRuns: 50 },
    );
  });

  it.each(every)('of %s encodes the same after a stay in JSON', (_type, contract) => {
    fc.assert(
      fc.property(dataOf(contract), (data) => {
        const stored = JSON.parse(JSON.stringify(toJson(contract, data))) as unknown;
        expect(fromJson(contract, stored)).toEqual(data);
        expect(encode(contract, fromJson(contract, stored))).toEqual(encode(contract, data));
      }),
      { numRuns: 50 },
    );
  });
});

describe('any data, also such that does not fit', () => {
  it.each(every)('is taken or refused as %s by check as by encode, in the same words', (_type, contract) => {
    const names = fc.constantFrom(...(contract.schema as Shape).fields!.map(({ name }) => name), 'unknown');
    fc.assert(
      fc.property(dataOf(contract), fc.option(fc.record({ name: names, value: fc.anything() })), (data, change) => {
        const given = change ? { ...(data as object), [change.name]: change.value } : data;
        const refusalOf = (work: () => unknown) => {
          const outcome = attempt(work);
          return 'error' in outcome ? String(outcome.error) : undefined;
        };
        expect(refusalOf(() => check(contract, given))).toBe(refusalOf(() => encode(contract, given)));
      }),
      { numRuns: 50 },
    );
  });
});

describe('any bytes', () => {
  it.each(every)('decode as %s to data that encodes, or are refused as UNDECODABLE', (_type, contract) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const outcome = attempt(() => decode(contract, Buffer.from(bytes)));
        if ('error' in outcome) expect(outcome.error).toMatchObject({ code: 'UNDECODABLE' });
        else expect(() => encode(contract, outcome.value)).not.toThrow();
      }),
      { numRuns: 50 },
    );
  });
});

function attempt(work: () => unknown): { value: unknown } | { error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

interface Shape {
  readonly type: unknown;
  readonly items?: unknown;
  readonly values?: unknown;
  readonly symbols?: readonly string[];
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[];
}

/** Data that the schema allows; its own reading of Avro, so that it can contradict the codec's. */
function dataOf(contract: Contract): fc.Arbitrary<unknown> {
  return valuesOf(contract.schema);
}

function valuesOf(type: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(type)) return fc.oneof(...type.map(valuesOf));
  if (typeof type === 'string') return primitiveValues(type);
  const shape = type as Shape;
  if (shape.type === 'array') return fc.array(valuesOf(shape.items), { maxLength: 4 });
  if (shape.type === 'map')
    return fc.dictionary(
      text().filter((key) => key !== '__proto__'),
      valuesOf(shape.values),
      { maxKeys: 4, noNullPrototype: true },
    );
  if (shape.type === 'enum') return fc.constantFrom(...(shape.symbols ?? []));
  return fc.record(Object.fromEntries((shape.fields ?? []).map((field) => [field.name, valuesOf(field.type)])), {
    noNullPrototype: true,
  });
}

function primitiveValues(name: string): fc.Arbitrary<unknown> {
  const longMax = 2 ** 52 - 1;
  switch (name) {
    case 'null':
      return fc.constant(null);
    case 'string':
      return text();
    case 'long':
      return fc.integer({ min: -longMax, max: longMax });
    case 'int':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    case 'boolean':
      return fc.boolean();
    case 'bytes':
      return fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    default:
      throw new Error(`no values for ${name}`);
  }
}

function text(): fc.Arbitrary<string> {
  return fc.string({ unit: 'binary', maxLength: 20 });
}

import type { Registry } from '@towpath/kafka/registry';
import { resolveSide, sidesOf } from './sides.js';
import { typeNamed, type WorkingTree } from './working-tree.js';

const schema = { topic: 'shop.events', fields: [] };
const tree = {
  contracts: [
    { domain: 'shop', version: 1, name: 'Placed', file: '', schema },
    { domain: 'shop', version: 2, name: 'Placed', file: '', schema: { ...schema, doc: 'two' } },
    { domain: 'shop', version: 1, name: 'Paid', file: '', schema },
  ],
  baselines: [
    { version: '0.9.0', topics: {}, schemas: { 'shop.v1.Paid': { doc: 'old' } } },
    { version: '0.10.0', topics: {}, schemas: { 'shop.v1.Paid': { doc: 'newer' } } },
  ],
} as unknown as WorkingTree;
const asked: string[] = [];
const registry = {
  latest: async (subject: string) => {
    asked.push(subject);
    return subject.endsWith('Paid') ? { schemaId: 7, schema: { doc: 'registered' } } : undefined;
  },
} as unknown as Registry;

describe('the sides of a comparison', () => {
  it.each([
    ['Paid', undefined, 'Paid@0.10.0', 'Paid@tree'],
    ['Paid@0.9.0', undefined, 'Paid@0.9.0', 'Paid@tree'],
    ['Paid@0.9.0', '@registry', 'Paid@0.9.0', 'Paid@registry'],
    ['@0.9.0', 'Paid', 'Paid@0.9.0', 'Paid@tree'],
    ['Placed.v1', 'Placed.v2', 'Placed.v1@tree', 'Placed.v2@tree'],
  ])('of %s and %s are %s and %s', (one, other, first, second) => {
    expect(sidesOf(one, other, tree).map(({ name, where }) => `${name}@${where}`)).toEqual([first, second]);
  });

  it.each(['Paid@', 'Paid@a@b', '@tree'])('refuses %s', (word) => {
    expect(() => sidesOf(word, undefined, tree)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('are read from the files, from a release, and from the registry under the subject of the topic', async () => {
    const docs = ['tree', '0.9.0', 'registry'].map(async (where) => {
      return (await resolveSide({ name: 'Paid', where }, tree, registry)).schema['doc'];
    });
    expect(await Promise.all(docs)).toEqual([undefined, 'old', 'registered']);
    expect(asked).toContain('shop.events-shop.v1.Paid');
  });

  it.each([
    [{ name: 'Gone', where: 'tree' }, 'CONTRACT_UNKNOWN'],
    [{ name: 'Placed.v2', where: '0.9.0' }, 'CONTRACT_UNKNOWN'],
    [{ name: 'Paid', where: '7.0.0' }, 'RELEASE_UNKNOWN'],
    [{ name: 'Placed.v2', where: 'registry' }, 'NOT_REGISTERED'],
  ])('say of %j: %s', async (side, code) => {
    await expect(resolveSide(side, tree, registry)).rejects.toMatchObject({ code });
  });
});

describe('the name of a contract', () => {
  const types = ['shop.v1.Placed', 'shop.v2.Placed', 'shop.v1.Paid'];

  it.each([
    ['shop.v1.Placed', 'shop.v1.Placed'],
    ['placed.v2', 'shop.v2.Placed'],
    ['PAID', 'shop.v1.Paid'],
  ])('%s means %s', (name, type) => {
    expect(typeNamed(name, types)).toBe(type);
  });

  it('must mean one', () => {
    expect(() => typeNamed('Placed', types)).toThrow(/shop\.v1\.Placed or shop\.v2\.Placed/);
  });
});

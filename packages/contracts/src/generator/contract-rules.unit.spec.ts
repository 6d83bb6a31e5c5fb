import { changed, problemsOf, sound, soundFile, sourcesOf } from './fixture.js';
import { generate } from './generate.js';
import { printProblems } from './problem.js';

const command = { kind: 'command', producer: undefined };

describe('the build', () => {
  it('takes a sound contract', () => {
    expect(problemsOf(sound)).toEqual([]);
  });

  it.each([
    ['an unknown topic', { topic: 'shop.evnts' }, 'unknown topic "shop.evnts"', 'topics.yaml'],
    ['no topic', { topic: undefined }, 'unknown topic missing', 'shop.events'],
    ['a key that is no field', { key: 'id' }, 'its key "id" is none of its fields', 'orderId'],
    ['no key', { key: undefined }, 'it has no key', 'orderId'],
    ['a key that is no text', { key: 'totalMinor' }, 'its key "totalMinor" is not a string', '"type": "string"'],
    ['a key that may be null', { key: 'email' }, 'its key "email" is not a string', 'without null'],
    ['no doc', { doc: undefined }, 'it has no doc', 'add "doc"'],
    ['an empty doc', { doc: ' ' }, 'it has no doc', 'add "doc"'],
    ['an unknown kind', { kind: 'fact' }, 'unknown kind "fact"', 'event, command, platform, internal'],
    [
      'an event without a producer',
      { producer: undefined },
      'an event contract has exactly one producer, this has none',
      '"producer"',
    ],
    ['an event with two', { producers: ['bank'] }, 'exactly one producer, this has shop, bank', '"producer"'],
    ['a command without producers', { ...command }, 'a command names the services', '"producers"'],
    ['a command with an empty list', { ...command, producers: [] }, 'a command names the services', '"producers"'],
    ['a command with a producer', { kind: 'command' }, 'a command names the services', '"producers"'],
    [
      'a platform contract with a producer',
      { kind: 'platform' },
      'any service may produce a platform contract',
      'remove',
    ],
    ['an unknown producer', { producer: 'shpo' }, 'its producer "shpo" is no service', 'services.yaml'],
    [
      'an unknown producer of a command',
      { ...command, producers: ['shop', 'shpo'] },
      '"shpo" is no service',
      'services.yaml',
    ],
    ['retention that is no time', { retention: '90 days' }, 'its retention is "90 days"', '"forever"'],
    ['retention of no days', { retention: '0d' }, 'its retention is "0d"', '"90d"'],
    ['repeats without a reason', { repeats: { max: 9 } }, 'its repeats are {"max":9}', 'reason'],
    ['repeats beyond a chain', { repeats: { max: 65, reason: 'r' } }, 'its repeats are', '6 to 64'],
    ['no retention', { retention: undefined }, 'its retention is missing', '"forever"'],
    ['no stream', { stream: undefined }, 'its stream is missing', '"payment"'],
    ['a stream that is no name', { stream: 'Order_1' }, 'its stream is "Order_1"', 'lower case'],
    ['an attribute nobody knows', { owner: 'me' }, 'unknown attribute "owner"', 'remove it'],
    ['a namespace of another folder', { namespace: 'bank.v1' }, 'its namespace is "bank.v1"', '"namespace": "shop.v1"'],
    [
      'a namespace of another version',
      { namespace: 'shop.v2' },
      'its namespace is "shop.v2"',
      '"namespace": "shop.v1"',
    ],
    ['a name other than its file', { name: 'OrderMade' }, 'its name is "OrderMade"', '"name": "OrderPlaced"'],
    ['something other than a record', { type: 'error' }, 'it is not a record', '"type": "record"'],
    [
      'a key that is personal',
      { fields: [{ ...sound.fields[0], pii: 'buyerId' }, ...sound.fields.slice(1)] },
      'is pii',
      'names nobody',
    ],
  ])('refuses %s, with file and fix', (_what, change, problem, fix) => {
    expect(problemsOf(changed(change))).toContainEqual({
      file: soundFile,
      problem: expect.stringContaining(problem),
      fix: expect.stringContaining(fix),
    });
  });

  it.each([
    ['schemas/shop/orderPlaced.v1.avsc', sound, 'domain, name and version'],
    ['schemas/OrderPlaced.v1.avsc', sound, 'domain, name and version'],
    ['schemas/shop/OrderPlaced.avsc', sound, 'domain, name and version'],
    ['schemas/shop/Broken.v1.avsc', '{ "type": ', 'is not JSON'],
    ['schemas/shop/List.v1.avsc', [], 'is not a JSON object'],
  ])('refuses the file %s', (file, content, problem) => {
    expect(generate(sourcesOf({ [file]: content })).problems).toEqual([
      { file, problem: expect.stringContaining(problem), fix: expect.any(String) },
    ]);
  });

  it('refuses a version that nobody could import', () => {
    const third = { ...sound, namespace: 'shop.v3' };
    const { problems } = generate(sourcesOf({ 'schemas/shop/OrderPlaced.v3.avsc': third }));
    expect(problems).toEqual([
      { file: 'package.json', problem: 'it exports no contracts of version 3', fix: expect.stringContaining('./*.v3') },
    ]);
  });

  it('takes a second version beside the first', () => {
    const second = { ...sound, namespace: 'shop.v2' };
    const { problems, files } = generate(sourcesOf({ 'schemas/shop/OrderPlaced.v2.avsc': second }));
    expect(problems).toEqual([]);
    expect(files.get('src/generated/catalogue.ts')).toContain('OrderPlaced as OrderPlaced_shop_v2');
  });

  it('names all problems at once and writes nothing', () => {
    const { problems, files } = generate(
      sourcesOf({ [soundFile]: changed({ doc: '', key: 'id', kind: 'fact', retention: 'long' }) }),
    );
    expect(problems).toHaveLength(4);
    expect(files.size).toBe(0);
    expect(printProblems(problems)).toContain('4 problems');
    expect(printProblems(problems)).toContain(
      `packages/contracts/${soundFile}\n  problem: it has no doc\n  fix:     add "doc"`,
    );
  });
});

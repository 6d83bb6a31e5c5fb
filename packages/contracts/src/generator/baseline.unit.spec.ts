import { format } from 'prettier';
import { changed, sound, soundFile, sourcesOf, topicsYaml, withField, type SchemaFiles } from './fixture.js';
import { generate, type Generated } from './generate.js';

const first = generate(sourcesOf()).baselineOf('0.1.0');

describe('a baseline', () => {
  it('is laid out as the formatter wants it', async () => {
    const doc = 'a list of sizes';
    const symbols = Array.from({ length: 12 }, (_, index) => `AN_OVERLONG_SYMBOL_${index}`);
    const field = { name: 'size', type: { type: 'enum', name: 'Size', doc, symbols }, doc };
    const text = generate(sourcesOf({ [soundFile]: withField(field) })).baselineOf('0.1.0');
    expect(await format(text, { parser: 'json', printWidth: 120 })).toBe(text);
    expect(JSON.parse(text)).toMatchObject({ version: '0.1.0', topics: { 'shop.commands': 3, 'shop.events': 6 } });
  });
});

describe('against a release', () => {
  it('the same contracts are taken', () => {
    expect(afterRelease({}).problems).toEqual([]);
  });

  it('a new field with a default is taken, and so is a new contract', () => {
    const field = { name: 'note', type: ['null', 'string'], default: null, doc: 'a word' };
    const files = { [soundFile]: withField(field), 'schemas/shop/OrderPaid.v1.avsc': { ...sound, name: 'OrderPaid' } };
    expect(afterRelease(files).problems).toEqual([]);
  });

  it('a new field without a default is refused, and the fix is a new version', () => {
    const { problems, files } = afterRelease({
      [soundFile]: withField({ name: 'note', type: 'string', doc: 'a word' }),
    });
    expect(files.size).toBe(0);
    expect(problems).toEqual([
      {
        file: soundFile,
        problem:
          'not compatible with release 0.1.0: field note: added without a default, so older data can not be read',
        fix: 'undo that here (a new field needs a "default"), or make schemas/shop/OrderPlaced.v2.avsc with namespace shop.v2 and leave this file as it was',
      },
    ]);
  });

  it('another key is refused', () => {
    expect(afterRelease({ [soundFile]: changed({ key: 'buyerId' }) }).problems).toEqual([
      expect.objectContaining({ file: soundFile, problem: expect.stringContaining('its key changed') }),
    ]);
  });

  it('a contract that is gone is refused: its events are stored', () => {
    const files = { [soundFile]: undefined, 'schemas/shop/OrderPaid.v1.avsc': { ...sound, name: 'OrderPaid' } };
    expect(afterRelease(files).problems).toEqual([
      {
        file: soundFile,
        problem: 'shop.v1.OrderPlaced was released in 0.1.0 and is gone',
        fix: expect.stringContaining('baseline/0.1.0.json'),
      },
    ]);
  });

  it('other partitions of a topic are refused: keys would move', () => {
    const topics = topicsYaml.replace('partitions: 3', 'partitions: 4');
    expect(afterRelease({}, topics).problems).toEqual([
      {
        file: 'topics.yaml',
        problem: expect.stringContaining('shop.commands had 3 partitions'),
        fix: expect.stringContaining('back to 3'),
      },
    ]);
  });

  it('every release counts, not only the last, and a problem is named once', () => {
    const removed = { name: 'note', type: 'string', default: '', doc: 'a word' };
    const second = generate(sourcesOf({ [soundFile]: withField(removed) })).baselineOf('0.2.0');
    const back = withField({ ...removed, default: undefined });
    const { problems } = afterRelease({ [soundFile]: back }, topicsYaml, { '0.1.0': first, '0.2.0': second });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.problem).toContain('release 0.1.0: field note: added without a default');
    const broken = changed({ topic: 'shop.commands' });
    const both = afterRelease({ [soundFile]: broken }, topicsYaml, {
      '0.1.0': first,
      '0.2.0': first.replace('0.1.0', '0.2.0'),
    });
    expect(both.problems).toHaveLength(1);
  });

  it('a baseline that can not be read is refused', () => {
    expect(afterRelease({}, topicsYaml, { '0.1.0': '{' }).problems).toEqual([
      expect.objectContaining({ file: 'baseline/0.1.0.json', problem: expect.stringContaining('can not be read') }),
    ]);
  });
});

function afterRelease(
  files: SchemaFiles,
  topics = topicsYaml,
  releases: Readonly<Record<string, string>> = { '0.1.0': first },
): Generated {
  const baselines = Object.entries(releases).map(([version, text]) => ({ file: `baseline/${version}.json`, text }));
  return generate({ ...sourcesOf(files, { topics }), baselines });
}

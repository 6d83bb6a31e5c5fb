import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMacros } from './load-macros.js';

function file(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'macros-')), 'macros.yaml');
  writeFileSync(path, content);
  return path;
}

const valid = (macros: string) => `
version: 7
greeting: { id: greeting, version: 1, text: Hello. }
closing: { id: closing, version: 1, text: Bye. }
macros: ${macros}
`;
const ONE = '{ id: a, version: 1, queue: general, intents: [x], asks: where is it, text: [Here.] }';

describe('a file of macros', () => {
  it('is taken as it is when it is right', () => {
    expect(loadMacros(file(valid(`[${ONE}]`)))).toMatchObject({ version: '7', macros: [{ id: 'a', history: [] }] });
  });

  it.each([
    ['is not there', '/nowhere/macros.yaml', 'ENOENT'],
    ['is no YAML', file('a: [b'), 'MACROS_INVALID'],
    ['says nothing', file(''), 'MACROS_INVALID'],
    ['has one id twice', file(valid(`[${ONE}, ${ONE}]`)), 'two macros have the id a'],
    ['has a macro named like the greeting', file(valid(`[${ONE.replace('id: a', 'id: greeting')}]`)), 'two macros'],
    ['has an unknown queue', file(valid(`[${ONE.replace('general', 'sales')}]`)), 'macros.0.queue'],
    ['has an unknown setting', file(valid(`[${ONE.replace('text', 'words: 1, text')}]`)), 'macros.0'],
    ['has markup', file(valid(`[${ONE.replace('Here.', '<b>Here</b>')}]`)), 'plain text'],
  ])('is refused with the file and the fix when it %s', (_what, path, words) => {
    expect(() => loadMacros(path)).toThrow(expect.objectContaining({ code: 'MACROS_INVALID' }));
    expect(() => loadMacros(path)).toThrow(words);
    expect(() => loadMacros(path)).toThrow('docs/how-to/support.md');
  });
});

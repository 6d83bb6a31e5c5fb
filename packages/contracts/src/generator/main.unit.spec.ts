import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { servicesYaml, sound, soundFile, topicsYaml, withField } from './fixture.js';
import { differences, main } from './main.js';
import { generate } from './generate.js';
import { readSources } from './sources.js';

const own = join(import.meta.dirname, '../..');
const output = 'src/generated/shop/OrderPlaced.v1.ts';

describe('the committed files', () => {
  it('are what the sources give', () => {
    const generated = generate(readSources(own));
    expect(generated.problems).toEqual([]);
    expect(differences(own, generated)).toEqual([]);
  });

  it('have the contracts of 0.1.0 as their baseline', () => {
    expect(readSources(own).baselines.map(({ file }) => file)).toContain('baseline/0.1.0.json');
  });
});

describe('npm run generate', () => {
  let home = '';
  let root = '';
  let lines: string[] = [];

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'towpath-contracts-'));
    root = join(home, 'packages/contracts');
    lines = [];
    put('topics.yaml', topicsYaml);
    put('services.yaml', servicesYaml);
    put('package.json', '{"exports":{"./*.v1":{}}}');
    put(soundFile, JSON.stringify(sound));
  });

  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  it('writes what --check then accepts', () => {
    expect(run('--check')).toBe(1);
    expect(run()).toBe(0);
    expect(run('--check')).toBe(0);
    expect(existsSync(join(home, 'docs/reference/events.md'))).toBe(true);
  });

  it('--check names a file that was edited by hand and one without a source, and changes neither', () => {
    run();
    put(output, 'edited');
    put('src/generated/shop/Left.v1.ts', 'left');
    expect(run('--check')).toBe(1);
    expect(lines.join('\n')).toContain(`packages/contracts/${output} is not what the sources give`);
    expect(lines.join('\n')).toContain('packages/contracts/src/generated/shop/Left.v1.ts has no source any more');
    expect(lines.join('\n')).toContain('npm run generate');
    expect(readFileSync(join(root, output), 'utf8')).toBe('edited');
  });

  it('removes what has no source any more', () => {
    put('src/generated/shop/Left.v1.ts', 'left');
    expect(run()).toBe(0);
    expect(existsSync(join(root, 'src/generated/shop/Left.v1.ts'))).toBe(false);
  });

  it('fails on a problem, names it, and leaves everything as it was', () => {
    run();
    const before = readFileSync(join(root, output), 'utf8');
    put(soundFile, JSON.stringify({ ...sound, doc: '' }));
    expect(run()).toBe(1);
    expect(lines.join('\n')).toContain(`packages/contracts/${soundFile}\n  problem: it has no doc`);
    expect(readFileSync(join(root, output), 'utf8')).toBe(before);
  });

  it('--release keeps the contracts, and from then on a breaking change fails', () => {
    expect(run('--release', '0.1.0')).toBe(0);
    expect(run('--check')).toBe(0);
    put(soundFile, JSON.stringify(withField({ name: 'note', type: 'string', doc: 'a word' })));
    expect(run('--check')).toBe(1);
    expect(lines.join('\n')).toContain('make schemas/shop/OrderPlaced.v2.avsc');
  });

  it.each([[['--release', '0.1.0']], [['--release']], [['--release', 'next']], [['--chekc']]])('refuses %j', (args) => {
    run('--release', '0.1.0');
    const before = readFileSync(join(root, 'baseline/0.1.0.json'), 'utf8');
    expect(run(...args)).toBe(1);
    expect(readFileSync(join(root, 'baseline/0.1.0.json'), 'utf8')).toBe(before);
  });

  function run(...args: string[]): number {
    return main(root, args, (line) => lines.push(line));
  }

  function put(file: string, text: string): void {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
});

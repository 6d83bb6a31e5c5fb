import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VerdictFile } from './verdict-file.mjs';

const SEED = 7;
const verdict = (name: string, ...violations: string[]) => ({ name, end: 'completed', violations });
const cases = ['one', 'two', 'three', 'four'].map((name) => ({ name }));

let out: string;
const namesIn = () =>
  readFileSync(join(out, 'real.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { name: string }).name);

/** A run that was killed in the middle of writing its third verdict; one of the others was not in order. */
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sagas-'));
  const file = new VerdictFile({ out, seed: SEED });
  file.keep([]);
  file.add(verdict('one'));
  file.add(verdict('two', 'ship was done 2 times'));
  appendFileSync(join(out, 'real.jsonl'), '{"seed":7,"name":"thr');
});

afterEach(() => rmSync(out, { recursive: true }));

describe('a run that takes up another', () => {
  it('keeps what the other found in order, and runs the rest: what was not, what was under way and what had not begun', () => {
    expect([...new VerdictFile({ out, seed: SEED }).keep(cases).keys()]).toEqual(['one']);
  });

  it('can be taken up again: the file holds whole lines of what it kept and found', () => {
    const file = new VerdictFile({ out, seed: SEED });
    file.keep(cases);
    file.add(verdict('three'));
    expect(namesIn()).toEqual(['one', 'three']);
    expect([...new VerdictFile({ out, seed: SEED }).keep(cases).keys()]).toEqual(['one', 'three']);
  });

  it('keeps nothing of a run of another seed, nor of cases that it does not have', () => {
    expect(new VerdictFile({ out, seed: SEED }).keep(cases.slice(1)).size).toBe(0);
    new VerdictFile({ out, seed: SEED }).write([verdict('one')]);
    expect(new VerdictFile({ out, seed: 8 }).keep(cases).size).toBe(0);
  });
});

describe('a run that takes up none', () => {
  it('begins with an empty file', () => {
    new VerdictFile({ out, seed: SEED }).keep([]);
    expect(namesIn()).toEqual([]);
  });
});

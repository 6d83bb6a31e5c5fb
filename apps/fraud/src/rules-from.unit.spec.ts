import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RULES } from './rules.js';
import { rulesFrom } from './rules-from.js';

describe('rulesFrom', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fraud-rules-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (text: string): string => {
    const path = join(folder, 'rules.json');
    writeFileSync(path, text);
    return path;
  };

  it('knows the rules of this version and those before any were learned', () => {
    expect(rulesFrom('current')).toBe(RULES);
    expect(rulesFrom('v1').version).toMatch(/\+hand-set$/);
  });

  it('lays a file over the rules of this version, and names its bytes in theirs', () => {
    const rules = rulesFrom(file('{"outcome":{"hold":4},"ipCards":{"steps":[[2,9]]}}'));

    expect(rules.outcome).toEqual({ ...RULES.outcome, hold: 4 });
    expect(rules.ipCards.steps).toEqual([[2, 9]]);
    expect(rules.velocity).toEqual(RULES.velocity);
    expect(rules.version).toMatch(new RegExp(`^${RULES.version.replaceAll('+', '\\+')}\\+[0-9a-f]{8}$`));
  });

  it.each([
    ['{"outcom":{}}', 'has outcom; possible are'],
    ['{"version":"x"}', 'has version'],
    ['{"outcome":{"hold":"4"}}', 'outcome: hold is a string, not a number'],
    ['{"outcome":5}', 'outcome is no object'],
    ['{', 'is no JSON'],
  ])('refuses %s', (text, problem) => {
    expect(() => rulesFrom(file(text))).toThrow(problem);
  });

  it('refuses a name that is none', () => {
    expect(() => rulesFrom('v0')).toThrow('is no file and none of v1, v2, current');
  });
});

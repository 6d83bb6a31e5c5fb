import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'fixtures');

/** dependency-cruiser loads its parsers in a way that Jest's module registry gets in, so it runs in a process of its own. */
function cruiseFixtures(): { rules: string[]; broken: Record<string, string[]> } {
  const script = `
    import { rules } from ${JSON.stringify(join(import.meta.dirname, 'rules.mjs'))};
    import { violations } from ${JSON.stringify(join(import.meta.dirname, 'check.mjs'))};
    const broken = {};
    for (const fixture of ${JSON.stringify(readdirSync(folder))}) {
      const { lines } = await violations(${JSON.stringify(folder)} + '/' + fixture, ['apps', 'packages']);
      broken[fixture] = [...new Set(lines.map((line) => line.split(':')[0]))];
    }
    process.stdout.write(JSON.stringify({ rules: rules.map(({ name }) => name), broken }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return JSON.parse(output) as ReturnType<typeof cruiseFixtures>;
}

describe('boundaries', () => {
  const { rules, broken } = cruiseFixtures();

  it('has one fixture for each rule', () => {
    expect(Object.keys(broken).sort()).toEqual([...rules].sort());
  });

  it.each(rules)('%s fires on its fixture, and no other rule does', (name) => {
    expect(broken[name]).toEqual([name]);
  });
});

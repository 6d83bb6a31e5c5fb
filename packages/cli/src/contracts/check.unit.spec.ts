import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { treeFindings } from './check.js';
import { contractsFolder } from './working-tree.js';

describe('towpath contracts check', () => {
  let home = '';
  let root = '';
  const file = 'schemas/fraud/AccountFrozen.v1.avsc';

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'towpath-contracts-'));
    root = join(home, 'packages/contracts');
    for (const part of ['schemas', 'baseline', 'src/generated', 'topics.yaml', 'services.yaml', 'package.json']) {
      cpSync(join(contractsFolder, part), join(root, part), { recursive: true });
    }
    cpSync(join(contractsFolder, '../../docs/reference'), join(home, 'docs/reference'), { recursive: true });
  });
  afterEach(() => rmSync(home, { recursive: true }));

  it('finds nothing in what is committed', () => {
    expect(treeFindings(root).findings).toEqual([]);
  });

  it('names file, cause and fix of a change that breaks a release', () => {
    edit((schema) => ({ ...schema, fields: schema.fields.filter(({ name }) => name !== 'reason') }));
    expect(treeFindings(root).findings).toEqual([
      expect.objectContaining({
        against: 'rules and releases',
        file: `packages/contracts/${file}`,
        problem: expect.stringMatching(/release 0\.1\.0: field reason: removed/),
        fix: expect.stringContaining('AccountFrozen.v2.avsc'),
      }),
    ]);
  });

  it('names the generated files that a compatible change left behind', () => {
    edit((schema) => ({ ...schema, doc: 'Other words.' }));
    const found = treeFindings(root).findings;
    expect(found).not.toEqual([]);
    expect(new Set(found.map(({ against }) => against))).toEqual(new Set(['generated files']));
    expect(found.map(({ file: name }) => name)).toContain('packages/contracts/src/generated/fraud/AccountFrozen.v1.ts');
  });

  interface Schema {
    readonly fields: readonly { readonly name: string }[];
  }

  function edit(change: (schema: Schema) => object): void {
    const path = join(root, file);
    writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Schema)));
  }
});

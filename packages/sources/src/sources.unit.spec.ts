import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addOperator, listOperators, revokeOperator } from './edit-operators.js';
import { addSource, listSources, rotateSource, setSourceDisabled } from './edit-sources.js';
import type { SourceFiles } from './files.js';
import { newKeyPair, newSecret } from './keys.js';
import { loadSources, type LoadedSource } from './load.js';
import { parseSources } from './schema.js';
import { watchSources } from './watch.js';

describe('sources', () => {
  let home: string;
  let files: SourceFiles;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'sources-'));
    files = { sourcesFile: join(home, 'config', 'sources.yaml'), secretsDir: join(home, 'secrets') };
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('has no sources while there is no file', () => {
    expect(loadSources(files).size).toBe(0);
    expect(listSources(files)).toEqual({});
  });

  it('loads an added source with the secret that was shown once', () => {
    const { secret, path } = addSource(files, 'stripe', {
      provider: 'stripe',
      scheme: 'stripe',
      allow: ['203.0.113.0/24'],
    });
    expect(path).toBe('/webhooks/stripe');
    expect(loadSources(files).get('stripe')).toMatchObject({
      name: 'stripe',
      proxies: 0,
      disabled: false,
      credentials: [{ text: secret, expiresAt: null, person: null }],
    });
  });

  it('writes secrets readable by their owner only, and never into sources.yaml', () => {
    const { secret } = addSource(files, 'stripe', { provider: 'stripe', scheme: 'stripe' });
    for (const name of readdirSync(files.secretsDir))
      expect(statSync(join(files.secretsDir, name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(files.sourcesFile, 'utf8')).not.toContain(secret);
  });

  it('keeps the old secret until the overlap ends when it rotates', () => {
    const before = addSource(files, 'platform', { provider: 'platform', scheme: 'standard' }).secret;
    const after = rotateSource(files, 'platform', 60_000).secret;
    const texts = loadSources(files)
      .get('platform')
      ?.credentials.map(({ text }) => text);
    expect(texts).toEqual([after, before]);
    rotateSource(files, 'platform', -1);
    expect(loadSources(files).get('platform')?.credentials).toHaveLength(1);
  });

  it('keeps comments and other sources when it edits', () => {
    addSource(files, 'one', { provider: 'platform', scheme: 'standard' });
    writeFileSync(files.sourcesFile, `# ours\n${readFileSync(files.sourcesFile, 'utf8')}`);
    addSource(files, 'two', { provider: 'platform', scheme: 'standard' });
    setSourceDisabled(files, 'one', true);
    expect(readFileSync(files.sourcesFile, 'utf8')).toContain('# ours');
    expect(Object.entries(listSources(files)).map(([name, { disabled }]) => [name, disabled])).toEqual([
      ['one', true],
      ['two', false],
    ]);
  });

  it('refuses to add a source twice and to rotate one that is not there', () => {
    addSource(files, 'one', { provider: 'platform', scheme: 'standard' });
    const code = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'none';
    };
    expect(code(() => addSource(files, 'one', { provider: 'platform', scheme: 'standard' }))).toBe('SOURCE_EXISTS');
    expect(code(() => rotateSource(files, 'absent', 1))).toBe('SOURCE_UNKNOWN');
    expect(code(() => addSource(files, '../etc', { provider: 'platform', scheme: 'standard' }))).toBe(
      'SOURCE_NAME_INVALID',
    );
    expect(code(() => addSource(files, 'two', { provider: 'platform', scheme: 'standard', secret: 'weak' }))).toBe(
      'KEY_INVALID',
    );
  });

  it('gives people of operators.yaml to the source `operator`, until they are revoked', () => {
    addSource(files, 'operator', { provider: 'operator', scheme: 'standard' });
    const { publicKey, privateKey } = addOperator(files, 'ada', 'fraud-analyst');
    expect(loadSources(files).get('operator')?.credentials).toEqual([
      { text: publicKey, expiresAt: null, person: { name: 'ada', role: 'fraud-analyst' } },
    ]);
    expect(readFileSync(join(home, 'config', 'operators.yaml'), 'utf8')).not.toContain(privateKey);
    revokeOperator(files, 'ada');
    expect(listOperators(files)).toEqual({});
    expect(loadSources(files).get('operator')?.credentials).toEqual([]);
  });

  it.each([
    'skipVerification: true',
    'verify: false',
    'scheme: none',
    'scheme: null',
    'insecure: true',
    'tolerance: 1e9',
  ])('has no setting that skips verification: refuses `%s`', (setting) => {
    const text = `sources:\n  a:\n    provider: stripe\n    secretFiles: { current: a.secret }\n    ${
      setting.startsWith('scheme') ? '' : 'scheme: stripe\n    '
    }${setting}\n`;
    expect(() => parseSources(text, 'sources.yaml')).toThrow('sources.yaml is not valid');
  });

  it.each([
    ['no secret', 'provider: stripe, scheme: stripe'],
    ['no scheme', 'provider: stripe, secretFiles: { current: a }'],
    ['a person without a key of their own', 'provider: operator, scheme: standard, secretFiles: { current: a }'],
    ['a person signing as Stripe', 'provider: operator, scheme: stripe'],
    ['a secret outside the folder', 'provider: stripe, scheme: stripe, secretFiles: { current: ../a }'],
    ['a range that is none', 'provider: stripe, scheme: stripe, secretFiles: { current: a }, allow: [10.0.0.0/33]'],
  ])('refuses a source with %s', (_what, settings) => {
    expect(() => parseSources(`sources: { a: { ${settings} } }`, 'sources.yaml')).toThrow('not valid');
  });

  it.each(['', 'whsec_', 'short', 'whsec_AAAA'])('refuses %j as the secret of a standard source', (secret) => {
    addSource(files, 'a', { provider: 'platform', scheme: 'standard' });
    const [name = ''] = readdirSync(files.secretsDir);
    writeFileSync(join(files.secretsDir, name), secret);
    expect(() => loadSources(files)).toThrow("can't be used");
  });

  it('tells about changes, and keeps the last good sources when the file breaks', async () => {
    addSource(files, 'one', { provider: 'platform', scheme: 'standard' });
    const seen: (ReadonlyMap<string, LoadedSource> | Error)[] = [];
    const watcher = watchSources(files, {
      changed: (sources) => seen.push(sources),
      failed: (error) => seen.push(error),
    });
    try {
      addSource(files, 'two', { provider: 'platform', scheme: 'standard' });
      await until(() => seen.some((entry) => !(entry instanceof Error) && entry.has('two')));
      writeFileSync(files.sourcesFile, 'sources: [');
      await until(() => seen.at(-1) instanceof Error);
      expect((seen.at(-1) as Error).message).toContain('is not YAML');
    } finally {
      watcher.close();
    }
  });

  it('makes different secrets and keys each time', () => {
    expect(newSecret()).not.toBe(newSecret());
    expect(newKeyPair().publicKey).not.toBe(newKeyPair().publicKey);
  });
});

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true within 5 s.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

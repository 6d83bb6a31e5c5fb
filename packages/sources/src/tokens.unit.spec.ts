import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verify } from 'node:crypto';
import { publicKeyOf } from './keys.js';
import { loadSources } from './load.js';
import { addSource } from './edit-sources.js';
import { signStandard } from './sign.js';
import { isToken, newToken, parseToken, signingKeyOf } from './token.js';
import { addToken, listTokens, revokeToken } from './tokens.js';

const HOUR_MS = 3_600_000;

describe('tokens of the console', () => {
  let home: string;
  const files = () => ({ sourcesFile: join(home, 'config', 'sources.yaml'), secretsDir: join(home, 'secrets') });

  beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'tokens-'))));
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('are known by their hash alone: the file holds neither the token nor a key that signs', () => {
    const { id, text } = addToken(files(), 'anna', 'reviewer', HOUR_MS);
    const path = join(home, 'config', 'tokens.yaml');
    const { secret } = parseToken(text)!;
    expect(readFileSync(path, 'utf8')).not.toContain(text.split('_')[2]);
    expect(readFileSync(path, 'utf8')).not.toContain(signingKeyOf(secret).slice(5));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(isToken(parseToken(text)!, listTokens(files())[id]!.hash)).toBe(true);
    expect(isToken(parseToken(newToken().text)!, listTokens(files())[id]!.hash)).toBe(false);
  });

  it("sign in the name of their person until they are over or revoked, and never a viewer's", () => {
    addSource(files(), 'operator', { provider: 'operator', scheme: 'standard' });
    const { id, text, publicKey } = addToken(files(), 'anna', 'reviewer', HOUR_MS);
    addToken(files(), 'vera', 'viewer', HOUR_MS);
    expect(loadSources(files()).get('operator')?.credentials).toEqual([
      { text: publicKey, expiresAt: expect.any(Number), person: { name: 'anna', role: 'reviewer' } },
    ]);
    const headers = signStandard(signingKeyOf(parseToken(text)!.secret), 'cmd_1', '{}', new Date(5_000));
    const signature = Buffer.from(headers['webhook-signature']!.slice(4), 'base64');
    expect(verify(null, Buffer.from('cmd_1.5.{}'), publicKeyOf(publicKey), signature)).toBe(true);
    revokeToken(files(), id);
    expect(loadSources(files()).get('operator')?.credentials).toEqual([]);
  });

  it('are forgotten when they are over', () => {
    const long = new Date(Date.now() - 2 * HOUR_MS);
    addToken(files(), 'anna', 'reviewer', HOUR_MS, long);
    addSource(files(), 'operator', { provider: 'operator', scheme: 'standard' });
    expect(loadSources(files()).get('operator')?.credentials).toEqual([]);
    const { id } = addToken(files(), 'bo', 'admin', HOUR_MS);
    expect(Object.keys(listTokens(files()))).toEqual([id]);
  });

  it.each([
    ['longer than a day', 'anna', 24 * HOUR_MS + 1, 'TOKEN_TTL_INVALID'],
    ['no time', 'anna', 0, 'TOKEN_TTL_INVALID'],
    ['a name that is a path', '../anna', HOUR_MS, 'SOURCE_NAME_INVALID'],
  ])('are not made for %s', (_what, name, ttl, code) => {
    expect(() => addToken(files(), name, 'reviewer', ttl)).toThrow(expect.objectContaining({ code }));
  });

  it.each(['', 'tpt_', 'tpt_0123456789abcdef_short', 'Bearer tpt_x', `tpt_0123456789abcdef_${'A'.repeat(44)}`])(
    'are not %j',
    (text) => expect(parseToken(text)).toBeNull(),
  );

  it('can not be revoked twice', () => {
    const { id } = addToken(files(), 'anna', 'viewer', HOUR_MS);
    revokeToken(files(), id);
    expect(() => revokeToken(files(), id)).toThrow(expect.objectContaining({ code: 'TOKEN_UNKNOWN' }));
  });
});

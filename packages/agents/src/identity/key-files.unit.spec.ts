import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentKeyFile, agentPublicKeysFile, ensureAgentKeys, rotateAgentKey } from '@towpath/stack/agent-keys';
import { keyBookIn, signingKeyIn } from './key-files.js';

describe('key files', () => {
  let home: string;
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'agent-keys-'))));
  afterEach(() => rmSync(home, { recursive: true }));

  it('are made once per service, the private ones for their owner alone', () => {
    ensureAgentKeys(home, ['support', 'fraud']);
    const { kid } = signingKeyIn(agentKeyFile(home, 'support'))();
    ensureAgentKeys(home, ['support', 'fraud']);
    expect(signingKeyIn(agentKeyFile(home, 'support'))().kid).toBe(kid);
    expect(keyBookIn(agentPublicKeysFile(home)).find(kid)?.service).toBe('support');
    expect(statSync(agentKeyFile(home, 'support')).mode & 0o777).toBe(0o600);
  });

  it('are in force after a rotation without a restart, the old key until its end', () => {
    ensureAgentKeys(home, ['support']);
    let now = Date.now();
    const book = keyBookIn(agentPublicKeysFile(home), () => now);
    const signing = signingKeyIn(agentKeyFile(home, 'support'), () => now);
    const old = signing().kid;
    const fresh = rotateAgentKey(home, 'support', new Date(now + 60_000), new Date(now + 1_000));
    const changed = new Date(now + 2_000);
    for (const file of [agentKeyFile(home, 'support'), agentPublicKeysFile(home)]) utimesSync(file, changed, changed);
    expect(book.find(fresh)?.kid).toBe(fresh);
    expect(book.find(old)?.expiresAt).toBe(now + 60_000);
    now += 1_001;
    expect(signing().kid).toBe(fresh);
  });

  it('leave in force what was when they are half-written', () => {
    ensureAgentKeys(home, ['support']);
    let now = Date.now();
    const signing = signingKeyIn(agentKeyFile(home, 'support'), () => now);
    const { kid } = signing();
    writeFileSync(agentKeyFile(home, 'support'), '{"kty":');
    now += 5_000;
    expect(signing().kid).toBe(kid);
  });

  it('that are missing or wrong say so at the start', () => {
    expect(() => keyBookIn(join(home, 'nothing.json'))).toThrow('ENOENT');
    writeFileSync(join(home, 'wrong.jwk'), '{}');
    expect(() => signingKeyIn(join(home, 'wrong.jwk'))).toThrow('AGENT_KEY_INVALID');
  });
});

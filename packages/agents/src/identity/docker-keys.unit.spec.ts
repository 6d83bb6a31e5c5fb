import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { AgentIdentities } from './agent-identities.js';
import { keyBookIn, signingKeyIn } from './key-files.js';
import { DEFAULT_TRUST_DOMAIN } from './spiffe.js';

const repository = join(import.meta.dirname, '..', '..', '..', '..');
const MOUNTED_AT = '/run/towpath-secrets';

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
}
const { services } = parse(readFileSync(join(repository, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const signers = Object.keys(services).filter((name) => services[name]?.environment?.['AGENT_KEY_FILE']);

/** Runs the script of the container `secrets` on folders of this machine that stand for its volumes. */
function makeSecrets(root: string): void {
  const user = String(process.getuid?.());
  const env = { PATH: process.env['PATH'], SECRETS_ROOT: root, NODE_USER: user, POSTGRES_USER: user };
  execFileSync('sh', [join(repository, 'infra/docker/make-secrets.sh')], { env });
}

/** Where a file of a service's environment lies in those folders. */
function fileOf(root: string, service: string, setting: string): string {
  const path = services[service]?.environment?.[setting] ?? '';
  expect(services[service]?.volumes).toContain(`secrets-${service}:${MOUNTED_AT}:ro`);
  expect(path.startsWith(`${MOUNTED_AT}/`)).toBe(true);
  return join(root, service, path.slice(MOUNTED_AT.length));
}

describe('agents’ keys in Docker', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'docker-keys-'));
    for (const volume of services['secrets']?.volumes ?? []) {
      const [, folder] = /^secrets-[a-z-]+:\/secrets\/([a-z-]+)$/.exec(volume) ?? [];
      if (folder) mkdirSync(join(root, folder));
    }
    makeSecrets(root);
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it('let egress and every service with agents verify what each of those services signs', async () => {
    expect(signers).toEqual(expect.arrayContaining(['fraud', 'lending', 'support']));
    for (const service of signers) {
      const signingKey = signingKeyIn(fileOf(root, service, 'AGENT_KEY_FILE'));
      const keys = keyBookIn(fileOf(root, service, 'AGENT_PUBLIC_KEYS_FILE'));
      const identities = new AgentIdentities({ trustDomain: DEFAULT_TRUST_DOMAIN, service, signingKey, keys });
      expect(identities.verify(await identities.token({ name: 'clerk', scopes: [] })).name).toBe('clerk');
      const known = keyBookIn(fileOf(root, 'egress', 'AGENT_PUBLIC_KEYS_FILE')).find(signingKey().kid);
      expect(known?.service).toBe(service);
    }
  });

  it('lie each with its service alone, and egress holds no private one', () => {
    const holders = readdirSync(root).filter((folder) =>
      readdirSync(join(root, folder)).some((file) => readFileSync(join(root, folder, file), 'utf8').includes('"d":')),
    );
    expect(holders).toEqual(signers.toSorted());
    for (const service of signers) {
      expect(statSync(fileOf(root, service, 'AGENT_KEY_FILE')).mode & 0o777).toBe(0o600);
    }
  });

  it('stay what they are when the container runs again, and one that was removed is replaced and speaks for nobody', () => {
    const kidOf = (service: string) => signingKeyIn(fileOf(root, service, 'AGENT_KEY_FILE'))().kid;
    const [fraud, support] = [kidOf('fraud'), kidOf('support')];
    makeSecrets(root);
    expect([kidOf('fraud'), kidOf('support')]).toEqual([fraud, support]);
    rmSync(fileOf(root, 'support', 'AGENT_KEY_FILE'));
    makeSecrets(root);
    const book = keyBookIn(fileOf(root, 'egress', 'AGENT_PUBLIC_KEYS_FILE'));
    expect([book.find(fraud)?.kid, book.find(support)]).toEqual([fraud, undefined]);
    expect(book.find(kidOf('support'))?.service).toBe('support');
  });
});

import type { Logger } from '@towpath/service-kit/logger';
import { AgentIdentities } from './agent-identities.js';
import { keyBookIn, signingKeyIn } from './key-files.js';
import { keyBookOf, newKeyPair, parseSigningKey } from './keys.js';
import { DEFAULT_TRUST_DOMAIN } from './spiffe.js';

type Settings = Readonly<Record<string, unknown>>;

/**
 * The identities of a service's agents, from its settings. Without key files it makes a key for itself: then its agents can work, and egress, which
 * does not know the key, refuses what they ask for.
 */
export function serviceIdentities(config: Settings, service: string, logger: Pick<Logger, 'warn'>): AgentIdentities {
  const trustDomain = textOf(config['TRUST_DOMAIN']) ?? DEFAULT_TRUST_DOMAIN;
  const [keyFile, publicFile] = [textOf(config['AGENT_KEY_FILE']), textOf(config['AGENT_PUBLIC_KEYS_FILE'])];
  if (keyFile && publicFile) {
    return new AgentIdentities({
      trustDomain,
      service,
      signingKey: signingKeyIn(keyFile),
      keys: keyBookIn(publicFile),
    });
  }
  logger.warn({ code: 'AGENT_KEY_MISSING' }, 'agents.no-key: set AGENT_KEY_FILE and AGENT_PUBLIC_KEYS_FILE');
  const { privateJwk, publicJwk } = newKeyPair(service, `${service}-unknown-to-others`);
  const signing = parseSigningKey(JSON.stringify(privateJwk));
  return new AgentIdentities({ trustDomain, service, signingKey: () => signing, keys: keyBookOf([publicJwk]) });
}

const SECRET_NAMES = /(KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL|VAULT_URL)$/;

/** The values of a service's secret settings, which must never stand in what an agent asks for. */
export function secretsOf(config: Settings): string[] {
  return Object.entries(config).flatMap(([name, value]) =>
    SECRET_NAMES.test(name) && typeof value === 'string' ? [value, ...passwordIn(value)] : [],
  );
}

function passwordIn(value: string): string[] {
  const password = /:\/\/[^:/@]*:([^@]+)@/.exec(value)?.[1];
  return password === undefined ? [] : [decodeURIComponent(password)];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

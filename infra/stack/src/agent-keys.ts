import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A public key in the file of all of them. */
interface PublicKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
  /** whose agents it speaks for */
  readonly service: string;
  /** ISO 8601; from then on it verifies nothing */
  readonly expiresAt?: string;
}

/** Where a service's agents have their private key, a JWK that its owner alone may read. */
export function agentKeyFile(home: string, service: string): string {
  return join(home, 'secrets', 'agents', `${service}.jwk`);
}

/** The public keys of all services' agents, a JWK set. */
export function agentPublicKeysFile(home: string): string {
  return join(home, 'config', 'agent-keys.json');
}

/** Makes the keys that are missing: an Ed25519 pair per service. Safe to repeat. */
export function ensureAgentKeys(home: string, services: readonly string[]): void {
  for (const service of services) {
    const known = publicKeysOf(home).some((key) => key.service === service);
    if (!known || !existsSync(agentKeyFile(home, service))) rotateAgentKey(home, service, new Date());
  }
}

/**
 * Gives a service's agents a new key. What the keys before it signed verifies until `overlapUntil`. The public key is there
 * before the private one is used, so no verifier meets a key that it does not know for longer than it takes to look at the file.
 * Answers the id of the new key.
 */
export function rotateAgentKey(home: string, service: string, overlapUntil: Date, now = new Date()): string {
  const kid = `${service}-${now.toISOString().replaceAll(/[-:.]/g, '')}`;
  const { kty, crv, x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const fresh: PublicKey = { kty: String(kty), crv: String(crv), x: String(x), kid, service };
  const kept = publicKeysOf(home)
    .filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now.getTime())
    .map((key) =>
      key.service === service && !key.expiresAt ? { ...key, expiresAt: overlapUntil.toISOString() } : key,
    );
  write(agentPublicKeysFile(home), { keys: [...kept, fresh] }, 0o644);
  write(agentKeyFile(home, service), { kty, crv, x, d, kid }, 0o600);
  return kid;
}

/** The public keys of a home; none before the first were made. */
export function publicKeysOf(home: string): readonly PublicKey[] {
  const file = agentPublicKeysFile(home);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { keys: PublicKey[] }).keys : [];
}

/** As a whole or not at all: services read it while it is replaced. */
function write(file: string, value: object, mode: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode });
  renameSync(temporary, file);
}

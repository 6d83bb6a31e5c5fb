import { AgentIdentities } from './agent-identities.js';
import { keyBookOf, newKeyPair, parseSigningKey, type KeyBook, type PublicJwk, type SigningKey } from './keys.js';
import { DEFAULT_TRUST_DOMAIN } from './spiffe.js';

/** Identities of one service with a key of its own, and a clock that the spec moves. */
export function identitiesOf(service: string, others: readonly PublicJwk[] = []) {
  const clock = { now: new Date('2026-01-05T10:00:00Z') };
  const published = [...others];
  const keys: KeyBook = { find: (kid) => keyBookOf(published).find(kid) };
  let signing: SigningKey;
  const rotate = (kid: string): void => {
    const { privateJwk, publicJwk } = newKeyPair(service, kid);
    published.push(publicJwk);
    signing = parseSigningKey(JSON.stringify(privateJwk));
  };
  rotate('k1');
  const options = { trustDomain: DEFAULT_TRUST_DOMAIN, service, keys, signingKey: () => signing, now: () => clock.now };
  const pass = (seconds: number) => (clock.now = new Date(clock.now.getTime() + seconds * 1_000));
  return { identities: new AgentIdentities(options), keys, clock, published, rotate, pass };
}

import { jwtVerify } from 'jose';
import { AgentIdentities } from './agent-identities.js';
import { identitiesOf } from './identities.fixture.js';
import { newKeyPair, parseSigningKey } from './keys.js';
import type { Scope } from './scope.js';
import { DEFAULT_TRUST_DOMAIN } from './spiffe.js';

const clerk = { name: 'clerk', scopes: ['tickets:reply', 'tickets:assign'] as readonly Scope[] };

describe('an agent’s token', () => {
  it('says who the agent is and what it may do', async () => {
    const { identities } = identitiesOf('support');
    const agent = identities.verify(await identities.token(clerk));
    expect(agent).toMatchObject({
      id: 'spiffe://towpath.local/agent/support/clerk',
      name: 'clerk',
      scopes: clerk.scopes,
    });
  });

  it('is a JWT that others can verify by the public key', async () => {
    const { identities, keys, clock } = identitiesOf('support');
    const token = await identities.token(clerk);
    const { payload, protectedHeader } = await jwtVerify(token, keys.find('k1')!.key, {
      audience: 'towpath',
      issuer: 'spiffe://towpath.local/service/support',
      currentDate: clock.now,
    });
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: 'k1' });
    expect(payload).toMatchObject({
      sub: 'spiffe://towpath.local/agent/support/clerk',
      scope: 'tickets:reply tickets:assign',
    });
  });

  it('is valid for five minutes and replaced before they are over', async () => {
    const { identities, pass } = identitiesOf('support');
    const first = await identities.token(clerk);
    pass(200);
    expect(await identities.token(clerk)).toBe(first);
    pass(50);
    expect(await identities.token(clerk)).not.toBe(first);
    pass(50);
    expect(() => identities.verify(first)).toThrow('AGENT_TOKEN_EXPIRED');
  });

  it('never carries what only people do', async () => {
    const { identities } = identitiesOf('support');
    await expect(identities.token({ name: 'clerk', scopes: ['approvals:give'] })).rejects.toThrow('SCOPE_RESERVED');
  });

  it('is refused with any character changed', async () => {
    const { identities } = identitiesOf('support');
    const token = await identities.token(clerk);
    for (let index = 0; index < token.length; index += 7) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
      expect(() => identities.verify(changed)).toThrow(/AGENT_TOKEN_/);
    }
  });

  it('of another service’s key does not speak for this service’s agents', async () => {
    const { privateJwk, publicJwk } = newKeyPair('fraud', 'fraud-1');
    const support = identitiesOf('support', [publicJwk]);
    const thief = new AgentIdentities({
      ...{ trustDomain: DEFAULT_TRUST_DOMAIN, service: 'support', keys: support.keys, now: () => support.clock.now },
      signingKey: () => parseSigningKey(JSON.stringify(privateJwk)),
    });
    const token = await thief.token(clerk);
    expect(() => support.identities.verify(token)).toThrow('AGENT_TOKEN_FOREIGN');
  });

  it('is no proof, and a proof is no token', async () => {
    const { identities } = identitiesOf('support');
    const proof = identities.prove('clerk', { hash: 'h', scope: 'tickets:reply', story: 's' });
    expect(() => identities.verify(proof)).toThrow('AGENT_TOKEN_INVALID');
  });
});

describe('rotation of keys', () => {
  const rotated = async () => {
    const world = identitiesOf('support');
    const old = await world.identities.token(clerk);
    const expiresAt = new Date(world.clock.now.getTime() + 120_000).toISOString();
    world.published[0] = { ...world.published[0]!, expiresAt };
    world.rotate('k2');
    return { ...world, old, fresh: await world.identities.token(clerk) };
  };

  it('signs with the new key at once, and verifies what the old one signed until its end', async () => {
    const { identities, pass, old, fresh } = await rotated();
    expect(identities.verify(fresh).keyId).toBe('k2');
    expect(identities.verify(old).keyId).toBe('k1');
    pass(121);
    expect(identities.verify(fresh).keyId).toBe('k2');
    expect(() => identities.verify(old)).toThrow('AGENT_TOKEN_KEY_UNKNOWN');
  });
});

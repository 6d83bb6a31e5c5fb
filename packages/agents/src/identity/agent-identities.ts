import { randomUUID } from 'node:crypto';
import type { KeyBook, SigningKey } from './keys.js';
import { assertScopes, type Scope } from './scope.js';
import { readClaims, signClaims, signClaimsNow, type Claims } from './signed-claims.js';
import { parseSpiffeId, spiffeIdOf } from './spiffe.js';

export interface AgentIdentitiesOptions {
  readonly trustDomain: string;
  /** the service whose agents these are */
  readonly service: string;
  /** the key in force; asked for each signature, so that it can be rotated */
  readonly signingKey: () => SigningKey;
  readonly keys: KeyBook;
  /** default: the clock */
  readonly now?: () => Date;
}

/** Who somebody is and what they may do, from a token that was verified. */
export interface VerifiedAgent {
  /** SPIFFE id */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** id of the token and of the key that signed it, for the audit */
  readonly tokenId: string;
  readonly keyId: string;
}

/** A token or a proof that does not show what it should. `code` is AGENT_TOKEN_… */
export class IdentityRefused extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
    this.name = 'IdentityRefused';
  }
}

const TOKEN_S = 300;
/** A token with less left than this is replaced, so that no run holds one that ends on its way. */
const TOKEN_LEFT_S_MIN = 60;
/** A command may wait for egress or for a provider; what waits longer than this is asked for anew. */
const PROOF_S = 900;
export const TOKEN_AUDIENCE = 'towpath';
export const PROOF_AUDIENCE = 'egress';

interface Issued {
  readonly token: string;
  readonly expiresAt: number;
  readonly scopes: string;
  readonly keyId: string;
}

/** Issues and verifies what the agents of one service show: who they are, and what they may ask for. */
export class AgentIdentities {
  private readonly issued = new Map<string, Issued>();
  private readonly verified = new Map<string, { readonly agent: VerifiedAgent; readonly expiresAt: number }>();

  constructor(private readonly options: AgentIdentitiesOptions) {}

  /** The SPIFFE id of an agent of this service. */
  idOf(name: string): string {
    const { trustDomain, service } = this.options;
    return spiffeIdOf({ trustDomain, service, name });
  }

  /** A token of the agent for some minutes: EdDSA, RFC 7519. Throws SCOPE_INVALID or SCOPE_RESERVED. */
  async token(agent: { readonly name: string; readonly scopes: readonly Scope[] }): Promise<string> {
    assertScopes(agent.scopes);
    const key = this.options.signingKey();
    const scope = agent.scopes.join(' ');
    const known = this.issued.get(agent.name);
    const left = known ? known.expiresAt - this.seconds() : 0;
    if (known && known.scopes === scope && known.keyId === key.kid && left > TOKEN_LEFT_S_MIN) return known.token;
    const claims = { ...this.claims(agent.name, TOKEN_AUDIENCE, TOKEN_S), scope };
    const token = await signClaims('towpath-agent+jwt', claims, key);
    this.issued.set(agent.name, { token, expiresAt: claims.exp, scopes: scope, keyId: key.kid });
    return token;
  }

  /** Who shows this token. Throws IdentityRefused. */
  verify(token: string): VerifiedAgent {
    const known = this.verified.get(token);
    if (known && known.expiresAt > this.seconds()) return known.agent;
    const read = readClaims(token, 'towpath-agent+jwt', this.options.keys, this.now());
    if (!read.ok) throw new IdentityRefused(`AGENT_TOKEN_${read.code}`, read.detail);
    const { claims, by } = read;
    const id = parseSpiffeId(claims.sub);
    const isOurs = id?.trustDomain === this.options.trustDomain && id.service === by.service;
    if (!id || !isOurs || claims.aud !== TOKEN_AUDIENCE || typeof claims['scope'] !== 'string') {
      throw new IdentityRefused('AGENT_TOKEN_FOREIGN', `${by.service} may not speak for ${claims.sub}`);
    }
    const scopes = claims['scope'].split(' ').filter(Boolean) as Scope[];
    const agent = { id: claims.sub, name: id.name, scopes, tokenId: claims.jti, keyId: by.kid };
    if (this.verified.size > VERIFIED_MAX) this.verified.clear();
    const keyEnds = by.expiresAt === undefined ? Infinity : by.expiresAt / 1_000;
    this.verified.set(token, { agent, expiresAt: Math.min(claims.exp, keyEnds) });
    return agent;
  }

  /**
   * Shows egress that the agent may ask for the command with this hash, in this story, and for nothing else.
   * @param act hash of the command, see `commandHash`
   */
  prove(agent: string, act: { readonly hash: string; readonly scope: Scope; readonly story: string }): string {
    const claims = {
      ...this.claims(agent, PROOF_AUDIENCE, PROOF_S),
      act: act.hash,
      scope: act.scope,
      story: act.story,
    };
    return signClaimsNow('towpath-act+jwt', claims, this.options.signingKey());
  }

  private claims(agent: string, aud: string, validS: number): Claims {
    const { trustDomain, service } = this.options;
    const iat = Math.floor(this.seconds());
    const iss = `spiffe://${trustDomain}/service/${service}`;
    return { iss, sub: this.idOf(agent), aud, iat, exp: iat + validS, jti: randomUUID() };
  }

  private now(): Date {
    return this.options.now?.() ?? new Date();
  }

  private seconds(): number {
    return this.now().getTime() / 1_000;
  }
}

/** One token per agent every few minutes. */
const VERIFIED_MAX = 1_000;

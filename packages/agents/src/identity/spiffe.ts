/** Where the ids of a platform are valid, when nothing else is set. */
export const DEFAULT_TRUST_DOMAIN = 'towpath.local';

/** The parts of an agent's id. */
export interface AgentId {
  readonly trustDomain: string;
  readonly service: string;
  readonly name: string;
}

const TRUST_DOMAIN = /^[a-z0-9][a-z0-9._-]{0,254}$/;
const SEGMENT = /^[a-z][a-z0-9-]{0,63}$/;
const AGENT = /^spiffe:\/\/([^/]+)\/agent\/([^/]+)\/([^/]+)$/;

/** `spiffe://<trust domain>/agent/<service>/<name>`, as the SPIFFE ID standard writes ids. Throws IDENTITY_INVALID. */
export function spiffeIdOf({ trustDomain, service, name }: AgentId): string {
  if (!TRUST_DOMAIN.test(trustDomain) || !SEGMENT.test(service) || !SEGMENT.test(name)) {
    const message = `IDENTITY_INVALID: ${trustDomain}, ${service}, ${name}: use a-z, 0-9 and "-", beginning with a letter`;
    throw Object.assign(new Error(message), { code: 'IDENTITY_INVALID' });
  }
  return `spiffe://${trustDomain}/agent/${service}/${name}`;
}

/** The parts of an agent's id, or undefined when it is none. */
export function parseSpiffeId(id: string): AgentId | undefined {
  const [, trustDomain = '', service = '', name = ''] = AGENT.exec(id) ?? [];
  const isAgent = TRUST_DOMAIN.test(trustDomain) && SEGMENT.test(service) && SEGMENT.test(name);
  return isAgent ? { trustDomain, service, name } : undefined;
}

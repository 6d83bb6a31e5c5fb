/** What a signature scheme proves about a delivery. */
export interface SchemeFacts {
  /** header or headers that carry the signature */
  readonly headers: readonly string[];
  readonly algorithm: string;
  /** what the signature covers */
  readonly covers: string;
  /**
   * Whether the time of sending is signed. Where it is, a delivery is taken for 300 s only. Where it isn't, whoever has seen one
   * delivery could send it again for ever; so the body's own event time must be at most 24 h old, and the same body again is
   * refused. That is weaker, and `docs/how-to/sources.md` says so by name.
   */
  readonly timeSigned: boolean;
}

/** Every scheme that sources.yaml may name. */
export const SCHEMES = {
  standard: {
    headers: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    algorithm: 'HMAC-SHA256 or ed25519',
    covers: 'id, time and body',
    timeSigned: true,
  },
  stripe: {
    headers: ['stripe-signature'],
    algorithm: 'HMAC-SHA256',
    covers: 'time and body',
    timeSigned: true,
  },
  zendesk: {
    headers: ['x-zendesk-webhook-signature', 'x-zendesk-webhook-signature-timestamp'],
    algorithm: 'HMAC-SHA256',
    covers: 'time and body',
    timeSigned: true,
  },
  intercom: {
    headers: ['x-hub-signature'],
    algorithm: 'HMAC-SHA1',
    covers: 'body',
    timeSigned: false,
  },
  github: {
    headers: ['x-hub-signature-256'],
    algorithm: 'HMAC-SHA256',
    covers: 'body',
    timeSigned: false,
  },
  notion: {
    headers: ['x-notion-signature'],
    algorithm: 'HMAC-SHA256',
    covers: 'body',
    timeSigned: false,
  },
} as const satisfies Record<string, SchemeFacts>;

export type SchemeName = keyof typeof SCHEMES;

export const SCHEME_NAMES = Object.keys(SCHEMES) as [SchemeName, ...SchemeName[]];

/** Whether deliveries of the scheme of that name carry a signed time; false for a name that is no scheme. */
export function isTimeSigned(scheme: string): boolean {
  return Object.hasOwn(SCHEMES, scheme) && SCHEMES[scheme as SchemeName].timeSigned;
}

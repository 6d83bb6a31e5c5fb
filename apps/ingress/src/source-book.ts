import { randomBytes } from 'node:crypto';
import type { LoadedSource } from '@towpath/sources/load';
import type { Provider } from '@towpath/sources/providers';
import { namespaceOf } from './delivery-id.js';
import { EVENT_TIMES, type EventTimeOf } from './event-times/event-time.js';
import { customersKey } from './object-keys/customers.js';
import { githubKey, notionKey } from './object-keys/github.js';
import { loansKey } from './object-keys/loans.js';
import type { ObjectKeyOf } from './object-keys/object-key.js';
import { operatorKey } from './object-keys/operator.js';
import { platformKey } from './object-keys/platform.js';
import { shopKey } from './object-keys/shop.js';
import { stripeKey } from './object-keys/stripe.js';
import { emailKey, intercomKey, zendeskKey } from './object-keys/tickets.js';
import { FailureLimit, RateLimit } from './rate-limit.js';
import { allowList } from './remote-address.js';
import { github, intercom, notion } from './schemes/body-signature.js';
import type { Scheme, VerificationKey } from './schemes/scheme.js';
import { standard } from './schemes/standard.js';
import { stripe } from './schemes/stripe.js';
import { zendesk } from './schemes/zendesk.js';

/** How each scheme of sources.yaml is verified. */
export const SCHEMES: Readonly<Record<LoadedSource['scheme'], Scheme>> = {
  standard,
  stripe,
  zendesk,
  intercom,
  github,
  notion,
};
const OBJECT_KEYS: Readonly<Record<Provider, ObjectKeyOf>> = {
  stripe: stripeKey,
  zendesk: zendeskKey,
  intercom: intercomKey,
  email: emailKey,
  loans: loansKey,
  shop: shopKey,
  customers: customersKey,
  github: githubKey,
  notion: notionKey,
  platform: platformKey,
  operator: operatorKey,
};

/** A source made ready for the hot path: keys parsed, ranges compiled, once per load. */
export interface LiveSource {
  readonly name: string;
  /** false for the stand-in of names that are unknown or disabled */
  readonly isKnown: boolean;
  readonly provider: Provider;
  readonly scheme: Scheme;
  readonly keys: readonly VerificationKey[];
  readonly namespace: Buffer;
  readonly proxies: number;
  readonly limit: RateLimit;
  /** set where verification is costly: many public keys to try */
  readonly failures: FailureLimit | null;
  readonly objectKeyOf: ObjectKeyOf;
  readonly eventTimeOf: EventTimeOf;
  isAllowed(address: string | null): boolean;
}

/** The sources in force. */
export class SourceBook {
  private live = new Map<string, LiveSource>();
  /** An unknown name costs about the work of a wrong signature; its answer is 404. Names are no secrets, secrets are. */
  private readonly stranger = liveSource(strangerSource(), undefined, false);

  /** The source of that name; unknown and disabled ones get a stand-in that no signature fits. */
  get(name: string): LiveSource {
    return this.live.get(name) ?? this.stranger;
  }

  /** Puts other sources in force, all at once. Budgets already used go on where the limit is the same. */
  replace(sources: ReadonlyMap<string, LoadedSource>): void {
    const next = new Map<string, LiveSource>();
    for (const [name, source] of sources) {
      if (!source.disabled) next.set(name, liveSource(source, this.live.get(name)?.limit, true));
    }
    this.live = next;
  }

  /** names of the sources that take deliveries */
  names(): string[] {
    return [...this.live.keys()];
  }
}

function liveSource(source: LoadedSource, before: RateLimit | undefined, isKnown: boolean): LiveSource {
  const scheme = SCHEMES[source.scheme];
  const { ratePerSecond } = source;
  const keys = source.credentials.map((credential) => scheme.keyOf(credential));
  return {
    name: source.name,
    isKnown,
    provider: source.provider,
    scheme,
    keys,
    namespace: namespaceOf(source.name),
    proxies: source.proxies,
    limit: before?.perSecond === ratePerSecond ? before : new RateLimit(ratePerSecond),
    failures: keys.some(({ kind }) => kind === 'ed25519') ? new FailureLimit() : null,
    objectKeyOf: OBJECT_KEYS[source.provider],
    eventTimeOf: EVENT_TIMES[source.provider],
    isAllowed: allowList(source.allow),
  };
}

function strangerSource(): LoadedSource {
  const text = `whsec_${randomBytes(32).toString('base64')}`;
  return {
    name: 'unknown',
    provider: 'platform',
    scheme: 'standard',
    allow: [],
    proxies: 0,
    ratePerSecond: 1,
    disabled: true,
    credentials: [{ text, expiresAt: null, person: null }],
  };
}

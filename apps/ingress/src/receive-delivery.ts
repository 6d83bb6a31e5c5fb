import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import { uuidV5 } from '@towpath/service-kit/uuid-v5';
import type { ProviderStory } from '@towpath/service-kit/provider-story';
import type { TraceHeaders } from '@towpath/service-kit/tracing/trace-headers';
import { eventTimeRefusal } from './event-times/event-time.js';
import { ownStoryOf } from './own-story.js';
import { parseBody } from './parse-body.js';
import { RETRY_AFTER_SECONDS } from './rate-limit.js';
import type { Refusal } from './refusal.js';
import { remoteAddress } from './remote-address.js';
import type { SignatureHeaders, VerificationKey } from './schemes/scheme.js';
import type { LiveSource, SourceBook } from './source-book.js';

/** What HTTP tells about a delivery besides its body. */
export interface Arrival {
  /** the name in the URL, as addressed */
  readonly sourceName: string;
  /** address of the socket */
  readonly peer: string;
  readonly headers: IncomingHttpHeaders;
  /** names and values in turn, as they came */
  readonly rawHeaders: readonly string[];
  /** the trace it belongs to */
  readonly trace: TraceHeaders;
}

/** Publishes a verified delivery. */
export interface DeliveryPublisher {
  /** why nothing can be published now, or null; asked before a body is read */
  overload(nowMs: number): Refusal | null;
  /** Resolves with null once Kafka has acknowledged with acks=all, or with the reason why that isn't certain. */
  publish(delivery: WebhookReceived, trace: TraceHeaders, story?: ProviderStory): Promise<Refusal | null>;
}

export type Outcome = { readonly deliveryId: string } | { readonly refusal: Refusal };

/** From an HTTP request to an acknowledged `WebhookReceived`, or a refusal. */
export class DeliveryReceiver {
  constructor(
    private readonly sources: SourceBook,
    private readonly publisher: DeliveryPublisher,
    private readonly settings: { readonly storyKey?: string | undefined; clock?(): number } = {},
  ) {}

  /** What can be refused before the body is read; null = read it. */
  refusalBeforeBody(arrival: Arrival): Refusal | null {
    const source = this.sources.get(arrival.sourceName);
    const nowMs = this.now();
    if (!source.isAllowed(addressOf(arrival, source))) return ADDRESS_REFUSED;
    if (source.limit.isExhausted(nowMs)) return RATE_LIMITED;
    return this.publisher.overload(nowMs);
  }

  /** Verifies, reads and publishes a delivery whose body has arrived. Never rejects for what the sender did. */
  async receive(arrival: Arrival, body: Buffer): Promise<Outcome> {
    const source = this.sources.get(arrival.sourceName);
    const receivedAt = this.now();
    const verified = await verify(arrival, body, source, receivedAt);
    if ('refusal' in verified) return verified;
    if (!(await source.limit.take(receivedAt))) return { refusal: RATE_LIMITED };
    const parsed = parseBody(body);
    if ('refusal' in parsed) return parsed;
    const stale = source.scheme.timeSigned ? null : eventTimeRefusal(source.eventTimeOf(parsed.json), receivedAt);
    if (stale) return { refusal: stale };

    const delivery = deliveryOf({ arrival, source, verified, body, json: parsed.json, receivedAt });
    const story = ownStoryOf(source.provider, parsed.json, this.settings.storyKey);
    const refusal = await this.publisher.publish(delivery, arrival.trace, story);
    return refusal ? { refusal } : { deliveryId: delivery.deliveryId };
  }

  private now(): number {
    return this.settings.clock?.() ?? Date.now();
  }

  /** The address to record for an arrival, spoofed or not as its source's proxies tell. */
  addressOf(arrival: Arrival): string {
    return addressOf(arrival, this.sources.get(arrival.sourceName)) ?? 'unknown';
  }
}

const SOURCE_UNKNOWN: Refusal = {
  code: 'SOURCE_UNKNOWN',
  detail: 'There is no such source, or it is disabled; check the URL, or add it with `towpath sources add`.',
};
const ADDRESS_REFUSED: Refusal = {
  code: 'ADDRESS_REFUSED',
  detail: 'The address of the sender is not in the allow-list of this source; add it, or declare the proxies in front.',
};
const RATE_LIMITED: Refusal = {
  code: 'RATE_LIMITED',
  detail: 'This source has used its deliveries for this second; send again later, or raise its `ratePerSecond`.',
  retryAfterSeconds: RETRY_AFTER_SECONDS,
};

function addressOf({ peer, headers }: Arrival, { proxies }: LiveSource): string | null {
  const forwarded = headers['x-forwarded-for'];
  return remoteAddress(peer, Array.isArray(forwarded) ? forwarded.join(',') : forwarded, proxies);
}

interface Verified {
  readonly signature: SignatureHeaders;
  readonly person: VerificationKey['person'];
}

interface Facts {
  readonly arrival: Arrival;
  readonly source: LiveSource;
  readonly verified: Verified;
  readonly body: Buffer;
  readonly json: Readonly<Record<string, unknown>>;
  readonly receivedAt: number;
}

/** Its ids come from what is signed only: the provider's id, else the body. */
function deliveryOf({ arrival, source, verified, body, json, receivedAt }: Facts): WebhookReceived {
  const sha256 = hash('sha256', body, 'hex');
  const signedId = source.scheme.signedIdOf(verified.signature, json);
  const deliveryId = uuidV5(source.namespace, signedId ?? sha256);
  return {
    deliveryId,
    objectId: source.objectKeyOf(json) ?? deliveryId,
    source: source.name,
    provider: source.provider,
    scheme: source.scheme.name,
    signedId,
    actor: verified.person?.name ?? null,
    role: verified.person?.role ?? null,
    remoteIp: addressOf(arrival, source) ?? 'unknown',
    receivedAt,
    sha256,
    body,
  };
}

/** The only way from a request to a delivery: there is no branch around the scheme. */
async function verify(
  arrival: Arrival,
  body: Buffer,
  source: LiveSource,
  nowMs: number,
): Promise<Verified | { refusal: Refusal }> {
  const { scheme, keys, failures } = source;
  const address = addressOf(arrival, source) ?? 'unknown';
  if (failures && (await failures.isExhausted(address))) return { refusal: RATE_LIMITED };
  const signature = signatureHeaders(scheme.headers, arrival.rawHeaders);
  const verdict = 'refusal' in signature ? signature : scheme.verify(signature.values, body, keys, nowMs);
  if (!source.isKnown) return { refusal: SOURCE_UNKNOWN };
  if ('refusal' in signature) return signature;
  if ('key' in verdict) return { signature: signature.values, person: verdict.key.person };
  await failures?.fail(address);
  return verdict;
}

/** Node joins or drops repeated headers; a second signature header may have been put there by somebody else. */
function signatureHeaders(
  names: readonly string[],
  rawHeaders: readonly string[],
): { values: SignatureHeaders } | { refusal: Refusal } {
  const values: (string | undefined)[] = names.map(() => undefined);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] as string;
    for (let position = 0; position < names.length; position++) {
      const name = names[position] as string;
      if (raw.length !== name.length || raw.toLowerCase() !== name) continue;
      if (values[position] !== undefined) {
        const detail = `The header ${name} came more than once; send each signature header once.`;
        return { refusal: { code: 'SIGNATURE_DUPLICATE', detail } };
      }
      values[position] = rawHeaders[index + 1] ?? '';
    }
  }
  const missing = names.find((_name, position) => !values[position]);
  if (missing === undefined) return { values: values as string[] };
  const detail = `The header ${missing} is missing; sign the delivery as the source's scheme asks.`;
  return { refusal: { code: 'SIGNATURE_MISSING', detail } };
}

import type { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import type { Received } from '@towpath/service-kit/message';
import type { DomainMessage } from '../domain-contracts.js';

export type Delivered = Received<typeof WebhookReceived>;

/** What a taxonomy needs besides the delivery. */
export interface Lookups {
  /** keyed HMAC of a personal value, for equality only */
  hash(value: string): string;
  /** the payment a charge is known to belong to */
  paymentOf(chargeId: string): string | null;
  /** whose ticket it is since its first message; null for a new one */
  customerOf(ticketId: string): string | null;
  /** whether an author, `<provider>:<account>:<id>` or `email:<address>`, is the one that our own answers are written by */
  isOwnAuthor(author: string): boolean;
}

/** What a delivery means. */
export type Routing = Routed | Unrouted | Refused;

export interface Routed {
  readonly kind: 'routed';
  readonly about: ProviderEvent;
  readonly messages: readonly DomainMessage[];
  /** the charge the messages are about, and the payment the delivery itself names for it, if it names one */
  readonly charge?: { readonly chargeId: string; readonly paymentId: string | null };
}

export interface Unrouted {
  readonly kind: 'unrouted';
  readonly about: ProviderEvent;
  /** UNKNOWN_TYPE: not in the taxonomy; IGNORED_TYPE: in it, and of no meaning to us; MESSAGE_KNOWN: another delivery told it */
  readonly reason: 'UNKNOWN_TYPE' | 'IGNORED_TYPE' | 'MESSAGE_KNOWN';
}

export interface Refused {
  readonly kind: 'refused';
  readonly about: ProviderEvent;
  readonly code: 'BODY_INVALID' | 'ROLE_NOT_ALLOWED';
  readonly detail: string;
}

export interface ProviderEvent {
  readonly providerType: string;
  readonly providerEventId: string | null;
  /** the account the body is about, whose key encrypts the bytes; null when it names none */
  readonly owner: string | null;
}

/** One provider's event types and what each becomes; one file per provider. `route` is pure. */
export interface Taxonomy {
  readonly provider: string;
  /** charges whose payment `route` will ask for */
  chargesOf(body: unknown): readonly string[];
  /** the ticket whose customer `route` will ask for; null when the body names none */
  ticketOf?(body: unknown, delivery: Delivered, lookups: Pick<Lookups, 'hash'>): string | null;
  route(body: unknown, delivery: Delivered, lookups: Lookups): Routing;
}

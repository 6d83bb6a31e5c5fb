import { Inject, Injectable } from '@nestjs/common';
import { contractOf } from '@towpath/contracts/catalogue';
import { fromJson, toJson } from '@towpath/contracts/codec';
import { ChargeLinked } from '@towpath/contracts/triage/ChargeLinked.v1';
import { ChargeMessageAwaitingPayment } from '@towpath/contracts/triage/ChargeMessageAwaitingPayment.v1';
import { DeliveryBytesKept } from '@towpath/contracts/triage/DeliveryBytesKept.v1';
import { DeliveryRefused } from '@towpath/contracts/triage/DeliveryRefused.v1';
import { DeliveryRouted } from '@towpath/contracts/triage/DeliveryRouted.v1';
import { DeliveryUnrouted } from '@towpath/contracts/triage/DeliveryUnrouted.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { TicketTriaged } from '@towpath/contracts/tickets/TicketTriaged.v1';
import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import type { Vault } from '@towpath/event-store/vault';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { InjectConfig, InjectVault } from '@towpath/service-kit/platform';
import { isTimeSigned } from '@towpath/sources/schemes';
import { charges } from './charge.js';
import { CLASSIFIER } from './classifier.provider.js';
import type { TriageConfig } from './config.js';
import { deliveries } from './delivery.js';
import { domainContracts, type DomainMessage } from './domain-contracts.js';
import { taxonomies } from './taxonomy/taxonomies.js';
import type { Delivered, Lookups, ProviderEvent, Routed, Routing, Taxonomy } from './taxonomy/taxonomy.js';
import { tickets } from './ticket.js';
import { triage, type Classifier } from './triage-message.decider.js';

const outcomes = [DeliveryRouted, DeliveryUnrouted, DeliveryRefused, DeliveryBytesKept] as const;
const bookkeeping = [ChargeLinked, ChargeMessageAwaitingPayment] as const;
const emits = [...outcomes, ...bookkeeping, ...domainContracts, TicketTriaged] as const;
type Outgoing = Emission<(typeof emits)[number]>;

/** Every delivery becomes exactly one recorded outcome: the messages it means, unrouted, or refused. */
@Injectable()
@Handles(WebhookReceived, { emits })
export class RouteDelivery {
  /** A body is parsed once, although `reads` and `handle` both look at it. */
  private readonly bodies = new WeakMap<object, unknown>();

  private readonly ownAuthors: ReadonlySet<string>;

  constructor(
    @InjectVault() private readonly vault: Pick<Vault, 'lookupHash'>,
    @Inject(CLASSIFIER) private readonly classifier: Classifier,
    @InjectConfig() config: Pick<TriageConfig, 'TRIAGE_BOT_AUTHORS'>,
  ) {
    this.ownAuthors = new Set(config.TRIAGE_BOT_AUTHORS.map((author) => author.toLowerCase()));
  }

  /**
   * A provider's repeat may come from another address or at another time; its bytes are the same. Where no time is signed, anybody
   * could have sent them again: then each coming is looked at.
   */
  fingerprint({ data }: Delivered): string {
    return isTimeSigned(data.scheme) ? data.sha256 : `${data.sha256}@${data.receivedAt}`;
  }

  reads(delivery: Delivered): Reads {
    const taxonomy = taxonomyOf(delivery);
    const body = this.bodyOf(delivery);
    const chargeIds = taxonomy.chargesOf(body);
    const ticketId = taxonomy.ticketOf?.(body, delivery, this.hashing) ?? null;
    const streams = [deliveries.of(delivery.id), ...chargeIds.map((id) => charges.of(id))];
    return { streams: ticketId === null ? streams : [...streams, tickets.of(ticketId)] };
  }

  handle(delivery: Delivered, state: DecisionState): readonly Outgoing[] {
    const known = state.of(deliveries, delivery.id);
    if (known.sha256 === delivery.data.sha256) return isTimeSigned(delivery.data.scheme) ? [] : [sentAgain(delivery)];
    if (known.sha256 !== null)
      return [refusal(delivery, unknownEvent, 'ID_REUSED', 'the id came before with other bytes')];
    const routing = this.routingOf(delivery, state);
    switch (routing.kind) {
      case 'unrouted':
        return [
          emit(DeliveryUnrouted, { ...recordOf(delivery, routing.about), reason: routing.reason }),
          kept(delivery, routing.about),
        ];
      case 'refused':
        return [refusal(delivery, routing.about, routing.code, routing.detail), kept(delivery, routing.about)];
      case 'routed':
        return this.routed(delivery, routing, state);
    }
  }

  private routingOf(delivery: Delivered, state: DecisionState): Routing {
    const routing = taxonomyOf(delivery).route(this.bodyOf(delivery), delivery, {
      ...this.hashing,
      paymentOf: (chargeId) => state.of(charges, chargeId).paymentId,
      customerOf: (ticketId) => state.of(tickets, ticketId).customerId,
      isOwnAuthor: (author) => this.ownAuthors.has(author.toLowerCase()),
    });
    const isKnown = routing.kind === 'routed' && routing.messages.some((message) => isToldAgain(message, state));
    return isKnown ? { kind: 'unrouted', about: routing.about, reason: 'MESSAGE_KNOWN' } : routing;
  }

  private routed(delivery: Delivered, routing: Routed, state: DecisionState): readonly Outgoing[] {
    const messages = [...routing.messages];
    const links: Outgoing[] = [];
    if (routing.charge) {
      const { chargeId, paymentId } = routing.charge;
      const charge = state.of(charges, chargeId);
      if (charge.paymentId === null && paymentId !== null) {
        links.push(emit(ChargeLinked, { chargeId, paymentId }));
        if (paymentId !== chargeId) messages.push(...charge.awaiting.map((one) => redirected(one, paymentId)));
      } else if (charge.paymentId === null) {
        links.push(...messages.map((message) => awaiting(chargeId, message)));
      }
    }
    const triaged = messages.flatMap((message) => this.triaged(message));
    const routedTo = [...messages, ...triaged].map(({ contract }) => contract.type);
    const outcome = emit(DeliveryRouted, { ...recordOf(delivery, routing.about), routedTo });
    return [outcome, kept(delivery, routing.about), ...links, ...messages, ...triaged];
  }

  private triaged(message: DomainMessage): Emission<typeof TicketTriaged>[] {
    if (!isTicketMessage(message)) return [];
    const triaged = triage(message.data, this.classifier);
    return triaged === null ? [] : [emit(TicketTriaged, triaged)];
  }

  private readonly hashing: Pick<Lookups, 'hash'> = { hash: (value) => this.vault.lookupHash(value) };

  private bodyOf(delivery: Delivered): unknown {
    let body = this.bodies.get(delivery.data);
    if (body === undefined) {
      // Ingress accepts JSON objects only, and the bytes are the ones it accepted.
      body = JSON.parse(delivery.data.body.toString('utf8')) as unknown;
      this.bodies.set(delivery.data, body);
    }
    return body;
  }
}

const unknownEvent: ProviderEvent = { providerType: 'unknown', providerEventId: null, owner: null };

function taxonomyOf(delivery: Delivered): Taxonomy {
  const taxonomy = taxonomies.get(delivery.data.provider);
  if (taxonomy) return taxonomy;
  throw new Permanent(
    'PROVIDER_UNKNOWN',
    `no taxonomy for provider ${delivery.data.provider}; add one to apps/triage/src/taxonomy`,
  );
}

function isTicketMessage(message: DomainMessage): message is Emission<typeof TicketReceived> {
  return message.contract === TicketReceived;
}

/** True for a message of a ticket that another delivery told before. */
function isToldAgain(message: DomainMessage, state: DecisionState): boolean {
  if (!isTicketMessage(message)) return false;
  const { ticketId, messageId } = message.data;
  return state.of(tickets, ticketId).messageIds.includes(messageId);
}

/** The first coming stays in force. */
function sentAgain(delivery: Delivered): Emission<typeof DeliveryRefused> {
  const detail = `the same bytes came before, and ${delivery.data.scheme} signs no time: it may be a replay`;
  return refusal(delivery, unknownEvent, 'BODY_REPEATED', detail);
}

function recordOf(delivery: Delivered, about: ProviderEvent) {
  const { source, provider, sha256, receivedAt } = delivery.data;
  const { providerType, providerEventId } = about;
  const { id: deliveryId, causationId: causedBy } = delivery;
  return { deliveryId, source, provider, providerType, providerEventId, sha256, receivedAt, causedBy };
}

function refusal(
  delivery: Delivered,
  about: ProviderEvent,
  code: string,
  detail: string,
): Emission<typeof DeliveryRefused> {
  return emit(DeliveryRefused, { ...recordOf(delivery, about), code, detail });
}

function kept(delivery: Delivered, about: ProviderEvent): Emission<typeof DeliveryBytesKept> {
  // Ingress accepts valid UTF-8 only, so the text gives the bytes back.
  const body = delivery.data.body.toString('utf8');
  return emit(DeliveryBytesKept, { deliveryId: delivery.id, owner: about.owner ?? delivery.id, body });
}

/** A message that was sent for its charge before the payment was known, now for the payment. */
function redirected(one: { type: string; data: string }, paymentId: string): DomainMessage {
  const contract = contractOf(one.type);
  const data = fromJson(contract, JSON.parse(one.data)) as Record<string, unknown>;
  return { contract, data: { ...data, paymentId } } as DomainMessage;
}

function awaiting(chargeId: string, message: Emission): Emission<typeof ChargeMessageAwaitingPayment> {
  const { contract } = message;
  // Kept for ever and readable, so without what names a person; the hashes stay.
  const data: Record<string, unknown> = { ...(message.data as object) };
  for (const { name } of contract.pii) data[name] = null;
  return emit(ChargeMessageAwaitingPayment, {
    chargeId,
    type: contract.type,
    data: JSON.stringify(toJson(contract, data)),
  });
}
